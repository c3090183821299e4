"""The customer's pages: write to us, follow a request by its link. No account, no script, no cookie."""
