package io.sluice.proxy.forward;

import java.util.List;

/** Told what happens on the traffic path, on the event loop where it happens: must be quick and must not throw. */
public interface ExchangeObserver {
    ExchangeObserver NONE = new ExchangeObserver() {};

    /** Tells all of them, in this order. */
    static ExchangeObserver all(List<ExchangeObserver> observers) {
        List<ExchangeObserver> each = List.copyOf(observers);
        return new ExchangeObserver() {
            @Override
            public void attemptEnded(FinishedAttempt attempt) {
                for (int i = 0; i < each.size(); i++) {
                    each.get(i).attemptEnded(attempt);
                }
            }

            @Override
            public void retried(Failure because) {
                each.forEach(observer -> observer.retried(because));
            }

            @Override
            public void retryBudgetExhausted() {
                each.forEach(ExchangeObserver::retryBudgetExhausted);
            }

            @Override
            public void queued(String pool, long nanos) {
                each.forEach(observer -> observer.queued(pool, nanos));
            }

            @Override
            public void queueTimedOut(String pool) {
                each.forEach(observer -> observer.queueTimedOut(pool));
            }

            @Override
            public void queueFull(String pool) {
                each.forEach(observer -> observer.queueFull(pool));
            }

            @Override
            public void pingTimedOut(String pool) {
                each.forEach(observer -> observer.pingTimedOut(pool));
            }

            @Override
            public void exchangeEnded(FinishedExchange exchange) {
                for (int i = 0; i < each.size(); i++) {
                    each.get(i).exchangeEnded(exchange);
                }
            }

            @Override
            public void tunnelOpened() {
                each.forEach(ExchangeObserver::tunnelOpened);
            }

            @Override
            public void tunnelClosed(TunnelOutcome outcome) {
                each.forEach(observer -> observer.tunnelClosed(outcome));
            }
        };
    }

    default void attemptEnded(FinishedAttempt attempt) {}

    /** Another attempt follows one that ended in {@code because}. */
    default void retried(Failure because) {}

    /** A retry was due but the retry budget was used up. */
    default void retryBudgetExhausted() {}

    /** A request had waited so long for a backend of the pool, when it got one or was given up. */
    default void queued(String pool, long nanos) {}

    /** A request waited for a backend of the pool in vain; comes before {@link #queued}. */
    default void queueTimedOut(String pool) {}

    /** A request could not wait for a backend of the pool, since too many do. */
    default void queueFull(String pool) {}

    /** A backend of the pool did not answer an HTTP/2 PING in time; its connection is given up. */
    default void pingTimedOut(String pool) {}

    default void exchangeEnded(FinishedExchange exchange) {}

    /** A connection changed its protocol. */
    default void tunnelOpened() {}

    default void tunnelClosed(TunnelOutcome outcome) {}
}
