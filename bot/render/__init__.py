"""Drawing. The bot process imports `client` alone; everything that needs torch runs in a child.

`client` starts and watches `process`, which reads orders from a pipe, hands them to the render
`loop` and sends back what the loop tells. `protocol` is what travels between them.
"""
