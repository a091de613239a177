"""The page's views; each turns answers into tables and pictures."""
