"""What learners get wrong about dropout: an id, a name, a sentence, and the paragraph that sets it right."""

from typing import NamedTuple


class Misconception(NamedTuple):
    """A known wrong idea.

    Attributes:
        name: short title, as in the book.
        sentence: what the data look like, said to the learner.
        page: where the book treats it, relative to the site's root.
    """

    name: str
    sentence: str
    page: str


_BOOK: dict[str, dict[str, tuple[str, str]]] = {
    "01_mask": {
        "keep_drop_swapped": (
            "Keep and drop swapped",
            "What should be kept is dropped and the other way round; in this course p is the "
            "probability of dropping, and True means kept.",
        ),
        "wrong_rate": (
            "Wrong rate",
            "Entries are kept too often or too rarely for this p.",
        ),
        "coarse_rate": (
            "Too coarse for a small p",
            "The rate is right for middling p only: the random numbers, or p itself, seem to be rounded"
            " to a coarse grid.",
        ),
        "one_mask_for_the_batch": (
            "One mask for the batch",
            "Rows share one mask; each example needs a mask of its own.",
        ),
        "one_mask_per_row": (
            "One draw for a whole row",
            "A row is kept or dropped as a whole; each entry needs a draw of its own.",
        ),
        "contiguous_block": (
            "A block instead of a lottery",
            "The dropped entries form one unbroken block; each entry should be drawn by itself.",
        ),
        "correlated_neighbours": (
            "Neighbours share their luck",
            "Entries near one another are kept or dropped together (or by turns) more often than chance"
            " allows.",
        ),
        "fixed_count": (
            "A fixed number of drops",
            "The number of dropped entries hardly varies; with independent draws it follows a binomial "
            "distribution.",
        ),
        "frozen_mask": (
            "A frozen mask",
            "The mask seems to be kept from an earlier call; each call needs a new one.",
        ),
        "reseeds_each_call": (
            "Reseeded in each call",
            "A generator seeded inside the function starts afresh in each call and repeats itself; draw"
            " from the rng you are given.",
        ),
        "global_rng": (
            "Global randomness",
            "The function draws from the global random state; draw from the rng you are given, so that "
            "a seed repeats the result.",
        ),
        "own_rng": (
            "A generator of its own",
            "The function draws from a generator of its own; draw from the rng you are given, so that a"
            " seed repeats the result.",
        ),
        "mask_not_bool": (
            "A mask that is not boolean",
            "The mask is not an array of True and False (dtype bool).",
        ),
        "wrong_shape": (
            "Wrong shape",
            "The array returned has another shape than the one asked for.",
        ),
        "p_not_validated": (
            "p not validated",
            "A p outside [0, 1] is accepted in silence; raise a ValueError.",
        ),
        "nan_not_rejected": (
            "NaN slips through",
            "NaN passes your test of p, because each comparison with NaN is False; ask whether p lies "
            "inside [0, 1] instead of whether it lies outside.",
        ),
        "raises_wrong_error": (
            "Another error than promised",
            "A bad p is noticed, but reported by another error than ValueError.",
        ),
        "p_edges_rejected": (
            "The edges are legal",
            "p = 0 and p = 1 are legal: the first drops nothing, the second everything.",
        ),
        "not_implemented": (
            "Not written yet",
            "The function is still the empty one you were given.",
        ),
        "crashes": (
            "It crashes",
            "The function ends with an error on a legal input.",
        ),
        "never_ends": (
            "It never ends",
            "The function did not come back; look for a loop that cannot stop.",
        ),
        "noisy": (
            "Noise",
            "The function writes to stderr or sets off warnings on legal inputs.",
        ),
        "wrong_return": (
            "Wrong return value",
            "The function returns something else than it promises; look at the order, the number and "
            "the kind of what it returns.",
        ),
    },
    "02_forward": {
        "no_rescale": (
            "No rescaling",
            "What is kept comes out at its old size; inverted scaling enlarges it in training, so that "
            "the mean stays.",
        ),
        "scaled_by_keep_prob": (
            "Scaled the wrong way",
            "What is kept is multiplied by the keep probability; inverted scaling goes the other way.",
        ),
        "scaled_by_drop_prob": (
            "Scaled by the drop probability",
            "The scale is made from p itself; it should be made from the probability of keeping.",
        ),
        "scaled_twice": (
            "Scaled twice",
            "What is kept is enlarged twice.",
        ),
        "wrong_scale": (
            "A wrong scale",
            "What is kept is not enlarged by the one factor that keeps the mean.",
        ),
        "scaled_by_observed_rate": (
            "Scaled by the share that happened to be kept",
            "The scale comes from the number of entries kept in this mask; it should come from p alone.",
        ),
        "scaled_in_eval": (
            "Scaled in evaluation too",
            "In evaluation the values change size; inverted scaling leaves evaluation alone.",
        ),
        "drops_in_eval": (
            "Drops in evaluation",
            "Entries are dropped in evaluation; dropout belongs to training only.",
        ),
        "mask_in_eval": (
            "A mask in evaluation",
            "In evaluation there is no mask: keep should be None.",
        ),
        "modes_swapped": (
            "Training and evaluation swapped",
            "Training behaves like evaluation and the other way round.",
        ),
        "draws_in_eval": (
            "Draws in evaluation",
            "Evaluation uses up random numbers, so that evaluating a model changes the training after it.",
        ),
        "no_mask_at_p_zero": (
            "No mask at p = 0",
            "In training a mask is returned for every p; at p = 0 it is all True.",
        ),
        "p_one_divides_by_zero": (
            "Division by zero at p = 1",
            "At p = 1 the scale divides by zero; the result should be plain zeros.",
        ),
        "multiplies_instead_of_selects": (
            "Multiplying instead of selecting",
            "A dropped inf or NaN survives, because inf times 0 and NaN times 0 are NaN; select the "
            "zeros instead.",
        ),
        "hides_nonfinite": (
            "Cleaning away inf and NaN",
            "An inf or NaN that was kept is replaced; what is kept stays what it is, so that a broken "
            "network is not hidden.",
        ),
        "input_changed_in_place": (
            "The input is changed in place",
            "The function writes into an array that belongs to its caller.",
        ),
        "dtype_widened": (
            "A wider dtype",
            "The result has a wider dtype than the input; a float64 helper array or scale takes float16"
            " and float32 along.",
        ),
        "dtype_changed": (
            "Another dtype",
            "The result has another dtype than the input.",
        ),
        "mask_guessed_from_values": (
            "The mask guessed from the values",
            "An entry that was zero by itself counts as dropped; keep the mask that was drawn instead "
            "of asking which values are zero.",
        ),
        "returned_mask_differs": (
            "The mask returned is not the one applied",
            "The output was made with another mask than the one returned; draw once and use that mask "
            "for both.",
        ),
        "mask_not_applied": (
            "The mask is not applied",
            "Entries marked as dropped come through.",
        ),
    },
    "03_backward": {
        "new_mask_in_backward": (
            "A new mask in the backward pass",
            "The gradient goes through another mask than the forward pass did; use the mask that is "
            "handed over.",
        ),
        "gradient_ignores_mask": (
            "The gradient ignores the mask",
            "Dropped entries receive a gradient although they had no say in the output.",
        ),
        "gradient_not_rescaled": (
            "Gradient not rescaled",
            "The gradient of what is kept has its old size; the forward pass enlarged it, so the "
            "gradient grows by the same factor.",
        ),
        "gradient_scaled_twice": (
            "Gradient scaled twice",
            "The gradient is enlarged twice; the forward pass enlarged only once.",
        ),
        "gradient_rescaled_in_eval": (
            "Gradient rescaled in evaluation",
            "Without a mask (evaluation) the gradient changes size; there it passes through unchanged.",
        ),
        "none_not_handled": (
            "No mask means evaluation",
            "keep = None stands for evaluation, and there the gradient passes through unchanged.",
        ),
    },
    "09_gpu": {
        "philox_rounds": (
            "Another number of rounds",
            "The words are those of Philox-4x32 with another number of rounds; the contract has ten.",
        ),
        "philox_key_stands_still": (
            "The key stands still",
            "Each round uses the same key; after each, both of its words are raised by their constants.",
        ),
        "philox_upper_half_lost": (
            "The upper half is lost",
            "A product of two 32-bit words has 64 bits, and its upper half is missing; multiply in 64.",
        ),
        "philox_words_order": (
            "Words in another order",
            "The four words are right and stand in another order.",
        ),
        "one_word_of_four": (
            "One word of four",
            "Each element makes a Philox call of its own and throws three of its four words away.",
        ),
        "words_dealt_lane_by_lane": (
            "Words dealt lane by lane",
            "All first words come first, then all second ones; the four words of a call belong to four "
            "neighbours.",
        ),
        "seed_cut_to_32_bits": (
            "A seed cut to 32 bits",
            "The upper half of the seed has no effect; it is the second word of the key.",
        ),
        "offset_cut_or_ignored": (
            "The offset does not count in full",
            "The mask depends on the lower half of the offset at most; all of its 64 bits are part of the "
            "counter.",
        ),
        "compared_as_signed": (
            "Words read as signed numbers",
            "Words from 2**31 on count as negative; compare unsigned integers.",
        ),
        "counter_restarts_in_each_program": (
            "The counter restarts in each program",
            "Every program draws the first program's mask; the element's number over the whole tensor is "
            "what counts.",
        ),
        "edges_inexact": (
            "p = 0 or p = 1 is not exact",
            "At p = 0 nothing at all is dropped, and at p = 1 everything.",
        ),
        "mask_is_stored": (
            "A mask is stored",
            "A mask, or something of its size, waits in memory for the backward pass; draw it again from seed"
            " and offset.",
        ),
        "not_differentiable_twice": (
            "The backward pass has no gradient of its own",
            "The gradient is computed outside of autograd's sight; call the function itself in its backward.",
        ),
        "drops_by_memory_layout": (
            "Dropped by memory layout",
            "Elements are numbered as they lie in memory; number them row by row, whatever the strides.",
        ),
        "bias_by_row": (
            "The bias of the row",
            "The bias is looked up by the element's row; its column is the remainder, not the quotient.",
        ),
        "residual_is_dropped": (
            "The residual is dropped too",
            "The residual goes through dropout; it is added afterwards, untouched.",
        ),
        "bias_after_dropout": (
            "The bias is added too late",
            "The bias escapes dropout; it is added before.",
        ),
        "stores_outside": (
            "A store outside the tensor",
            "The last program stores past the end; mask loads and stores by i < n.",
        ),
        "does_not_compile": (
            "It runs in the interpreter only",
            "The interpreter is more lenient than the compiler; a GPU would refuse this kernel.",
        ),
    },
}

MISCONCEPTIONS: dict[str, Misconception] = {
    key: Misconception(name, sentence, f"book/{slug}.html#{key.replace('_', '-')}")
    for slug, table in _BOOK.items()
    for key, (name, sentence) in table.items()
}
"""Every known misconception by its id; the chapter that explains it is part of `page`."""
