"""What is typed in a shell: lines that shell functions append, and the few observations made of them."""
