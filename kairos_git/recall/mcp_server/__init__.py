"""The memory for any client of the Model Context Protocol: five tools, and MEMORY.md, handoff and topics as resources.

tools    what is offered, as data: names, schemas, and the check of what a client sent
answers  values of the memory -> the readable text and the structured result of a tool
server   the two on the `mcp` library
lean     that library, loaded without what is not used

The one rule: a client reads, and says as an agent; confirm, allow, reject, adopt and land are the owner's and not offered.
"""
