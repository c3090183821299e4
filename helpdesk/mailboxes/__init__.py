"""The addresses we receive at and send from."""
