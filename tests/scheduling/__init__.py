"""Scheduling: windows, sessions, calendars."""
