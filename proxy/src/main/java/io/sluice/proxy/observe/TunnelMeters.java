package io.sluice.proxy.observe;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.proxy.forward.ExchangeObserver;
import io.sluice.proxy.forward.TunnelOutcome;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** The meters of connections that changed their protocol. Thread-safe. */
public final class TunnelMeters implements ExchangeObserver {
    private final LongAdder open = new LongAdder();
    private final Map<TunnelOutcome, Counter> closed = new EnumMap<>(TunnelOutcome.class);

    public TunnelMeters(MeterRegistry registry) {
        Gauge.builder("sluice.proxy.tunnels.open", open, LongAdder::sum)
                .description("Connections that changed their protocol, such as WebSockets.")
                .register(registry);
        for (TunnelOutcome outcome : TunnelOutcome.values()) {
            closed.put(
                    outcome,
                    Counter.builder("sluice.proxy.tunnels.closed")
                            .description("Tunnels that are over.")
                            .tag("reason", outcome.label())
                            .register(registry));
        }
    }

    @Override
    public void tunnelOpened() {
        open.increment();
    }

    @Override
    public void tunnelClosed(TunnelOutcome outcome) {
        open.decrement();
        Objects.requireNonNull(closed.get(outcome)).increment();
    }
}
