"""The search over public measures: what is looked for, the index that finds it, and its plain twin.

``plain`` says what is right by looking at every measure; ``index`` gives the same answers from bits. Nothing here
asks a database or the time.
"""
