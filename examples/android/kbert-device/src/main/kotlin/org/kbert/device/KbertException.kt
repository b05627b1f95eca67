package org.kbert.device

/** What came does not fit: the rule, what came, and what to do. */
class KbertException(message: String, cause: Throwable? = null) : RuntimeException(message, cause)
