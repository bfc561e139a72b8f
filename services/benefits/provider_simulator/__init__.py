"""A provider that is none: keeps books, answers under its signature, and goes wrong when it is told to.

Stands in for payment providers in the demo and in tests, and says so wherever somebody could mistake it.
"""
