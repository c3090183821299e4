"""The ground floor: knows no word of our trade."""
