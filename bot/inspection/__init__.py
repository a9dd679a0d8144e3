"""Looks at pictures in a process of its own: opens what strangers send, rates what is shown.

Decoders of foreign bytes and a neural network have no business in the process that holds the
tokens. The helper has limits of memory and time; when it dies it is replaced.
"""
