"""Invented data to look at; every line of it goes through the commands people use."""

from services.registry.demo.filling import fill

__all__ = ["fill"]
