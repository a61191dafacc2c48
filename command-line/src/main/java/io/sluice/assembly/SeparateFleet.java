package io.sluice.assembly;

import io.sluice.service.lifecycle.Component;
import io.sluice.service.lifecycle.Lifecycle;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;

/** All parts as child processes under supervision. */
public final class SeparateFleet implements Component {
    private final List<ChildProcess> children;
    private final Lifecycle lifecycle;

    /** @param stopDeadline after which a child that does not stop is killed */
    public SeparateFleet(
            Vertx vertx, List<Part> parts, DataFolder folder, Duration stopDeadline, LongSupplier nanoTime) {
        this.children = parts.stream()
                .map(part -> new ChildProcess(vertx, part, folder, nanoTime))
                .toList();
        this.lifecycle = new Lifecycle(vertx, "sluice", stopDeadline, children);
    }

    @Override
    public String name() {
        return lifecycle.name();
    }

    @Override
    public Future<Void> start() {
        return lifecycle.start().onFailure(failure -> children.forEach(ChildProcess::kill));
    }

    @Override
    public Future<Void> stop() {
        return lifecycle.stop().onComplete(stopped -> children.forEach(ChildProcess::kill));
    }
}
