package io.sluice.assembly;

import io.sluice.service.lifecycle.Component;
import io.sluice.service.lifecycle.Lifecycle;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;

/** All parts in this process, each with its own Vert.x, meters and data folder: they meet over loopback only, as if they were separate. */
public final class EmbeddedFleet implements Component {
    private final Lifecycle lifecycle;

    /**
     * Reads the settings of all parts.
     *
     * @param timers gives the deadlines of the stop
     * @throws io.sluice.service.settings.InvalidSettingsException of the first part whose settings cannot be used
     */
    public EmbeddedFleet(Vertx timers, List<Part> parts, Duration stopDeadline, Clock clock, LongSupplier nanoTime) {
        Programs programs = new Programs(clock, nanoTime);
        this.lifecycle = new Lifecycle(
                timers,
                "sluice",
                stopDeadline,
                parts.stream().map(part -> programs.assemble(part).component()).toList());
    }

    @Override
    public String name() {
        return lifecycle.name();
    }

    @Override
    public Future<Void> start() {
        return lifecycle.start();
    }

    @Override
    public Future<Void> stop() {
        return lifecycle.stop();
    }
}
