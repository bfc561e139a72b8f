"""Notices, documents and a handout of the programme's first year: its facts in our words."""

from services.content.demo.filling import fill

__all__ = ["fill"]
