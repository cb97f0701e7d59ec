"""Everything that knows the question bank: records, their evidence, kits and cards."""
