"""How Python, JavaScript and Rust projects state their parts, tools and dependencies."""
