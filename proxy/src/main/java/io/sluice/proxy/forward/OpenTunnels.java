package io.sluice.proxy.forward;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** The tunnels of one event loop. Those that have to go do so one after the other: all at once, their clients would come again at once. */
final class OpenTunnels {
    private final ExchangeObserver observer;
    private final Set<Tunnel> open = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<Spread<Tunnel>> departures = new ArrayList<>();
    private boolean closing;

    OpenTunnels(ExchangeObserver observer) {
        this.observer = observer;
    }

    void opened(Tunnel tunnel, long now) {
        open.add(tunnel);
        observer.tunnelOpened();
        if (closing || tunnel.to().isDrainOverdue()) {
            // Too late: those that were there have been told already.
            departures.add(new Spread<>(List.of(tunnel), now, 0));
        }
    }

    void closed(Tunnel tunnel, TunnelOutcome outcome) {
        if (open.remove(tunnel)) {
            observer.tunnelClosed(outcome);
        }
    }

    /** Lets all of these go, evenly spread. */
    void depart(Predicate<Tunnel> which, long now, long windowNanos) {
        departures.add(new Spread<>(open.stream().filter(which).toList(), now, windowNanos));
    }

    /** Lets all go that there are, and at once whatever comes. */
    void departAll(long now, long windowNanos) {
        closing = true;
        depart(any -> true, now, windowNanos);
    }

    /** Called now and then. */
    void sweep(long now) {
        if (!departures.isEmpty()) {
            departures.removeIf(departure -> departure.proceed(now, Tunnel::goAway));
        }
    }
}
