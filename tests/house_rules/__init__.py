"""What linters cannot say about the source, said as tests. Each rule is a function from text to findings."""
