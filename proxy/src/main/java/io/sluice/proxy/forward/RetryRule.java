package io.sluice.proxy.forward;

/** The retry table: whether another attempt may follow one that failed in a certain way. */
final class RetryRule {
    enum Verdict {
        NO,
        /** Yes, out of the retry budget. */
        WITHIN_BUDGET,
        /** Yes, whatever the budget: the backend has not seen the request, or vouches that it did nothing with it. */
        FREE
    }

    private RetryRule() {}

    /**
     * @param repeatable whether the method is idempotent or the request carries a trusted delivery id
     * @param timedOutBefore whether an earlier attempt of this exchange was retried after a timeout
     */
    static Verdict judge(Failure failure, boolean repeatable, boolean timedOutBefore) {
        return switch (failure.retryable()) {
            case NEVER -> Verdict.NO;
            case IF_NOT_SENT -> Verdict.FREE;
            case IF_REPEATABLE -> repeatable ? Verdict.WITHIN_BUDGET : Verdict.NO;
            case ONCE_IF_REPEATABLE -> repeatable && !timedOutBefore ? Verdict.WITHIN_BUDGET : Verdict.NO;
        };
    }
}
