package io.sluice.proxy;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.proxy.listener.TrafficListener;
import io.sluice.proxy.observe.AccessLog;
import java.util.function.ToDoubleFunction;

/** Publishes what the listener and the access log count by themselves. */
final class ListenerMeters {
    private final MeterRegistry registry;

    ListenerMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    void follow(TrafficListener traffic) {
        count(
                "sluice.proxy.client.connections.accepted",
                "Client connections that were taken.",
                traffic,
                each -> each.connectionCounts().accepted());
        refused("total", traffic, each -> each.connectionCounts().refused());
        refused("client", traffic, each -> each.connectionCounts().refusedToClient());
    }

    private void refused(String limit, TrafficListener traffic, ToDoubleFunction<TrafficListener> value) {
        FunctionCounter.builder("sluice.proxy.client.connections.refused", traffic, value)
                .description("Client connections that were closed at once, by the limit they were over.")
                .tag("limit", limit)
                .register(registry);
    }

    void follow(AccessLog log) {
        count("sluice.proxy.access.log.written", "Lines of the access log.", log, AccessLog::written);
        count("sluice.proxy.access.log.dropped", "Lines that the access log lost.", log, AccessLog::dropped);
    }

    private <T> void count(String name, String description, T owner, ToDoubleFunction<T> value) {
        FunctionCounter.builder(name, owner, value).description(description).register(registry);
    }
}
