"""What a page is and where its text stands: the reader beside trafilatura and beside a person's labels."""
