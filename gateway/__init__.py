"""The one door: every request from outside comes in here, and no decision of the programme is made here.

Owns: sessions of browsers (turned into tokens), what is public, limits, answers kept in memory, pages.
States nothing. Listens to every kind of fact that makes a kept answer or a session untrue.
"""
