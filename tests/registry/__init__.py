"""The registry's tests."""
