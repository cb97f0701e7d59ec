"""The engine measured and put under stress: generated classes, gradebooks compared row by row, memory."""
