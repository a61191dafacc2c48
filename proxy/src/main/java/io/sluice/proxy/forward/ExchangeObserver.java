package io.sluice.proxy.forward;

/** Told what happens on the traffic path, on the event loop where it happens: must be quick and must not throw. */
public interface ExchangeObserver {
    ExchangeObserver NONE = new ExchangeObserver() {};

    default void attemptEnded(FinishedAttempt attempt) {}

    /** Another attempt follows one that ended in {@code because}. */
    default void retried(Failure because) {}

    /** A retry was due but the retry budget was used up. */
    default void retryBudgetExhausted() {}

    default void exchangeEnded(FinishedExchange exchange) {}
}
