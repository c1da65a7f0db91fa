"""Articles in, passages out. Plain synchronous code; knows nothing of answers or doors."""
