"""What every page and answer shares: headers, errors, forms, files, rendering. No word of our trade."""
