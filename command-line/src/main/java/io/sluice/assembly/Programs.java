package io.sluice.assembly;

import io.sluice.instance.InstanceProgram;
import io.sluice.instance.InstanceSettings;
import io.sluice.proxy.ProxyProgram;
import io.sluice.proxy.ProxySettings;
import io.sluice.proxy.Succession;
import io.sluice.rollout.RolloutProgram;
import io.sluice.rollout.RolloutSettings;
import io.sluice.rollout.store.CrashPoint;
import io.sluice.service.lifecycle.Component;
import io.sluice.service.lifecycle.ProcessSignals;
import io.sluice.service.lifecycle.VertxComponent;
import io.sluice.service.log.LogSettings;
import io.sluice.service.settings.SettingsDocument;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Makes the program of a part from its settings, for a process of its own and for one that holds them all. */
public final class Programs {
    private static final String INSTANCE_PREFIX = "SLUICE_INSTANCE";

    /** System property: ends the process without any farewell at the engine's n-th boundary; for tests of recovery. */
    private static final String HALT_AT = "sluice.halt-at";

    /** Who asked, for the journal. */
    private static final String SIGNAL = "SIGHUP";

    /** What a shell reports of a process that was killed. */
    private static final int HALTED = 137;

    private final Clock clock;
    private final LongSupplier nanoTime;

    public Programs(Clock clock, LongSupplier nanoTime) {
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /**
     * A program that has not started, with a Vert.x of its own, and how it wants to log.
     *
     * @param reload reads its settings again; absent where a program does not do that
     */
    public record Assembled(
            Component component, LogSettings log, @Nullable Runnable reload) {}

    /**
     * Reads the part's settings. Blocks.
     *
     * @throws io.sluice.service.settings.InvalidSettingsException with everything that is wrong with them
     */
    public Assembled assemble(Part part) {
        return switch (part.kind()) {
            case WEBHOOK_INSTANCE -> instance(part);
            case PROXY -> proxy(part, Succession.NONE);
            case ROLLOUT_ENGINE -> engine(part);
        };
    }

    private Assembled instance(Part part) {
        SettingsDocument document = part.settings() == null
                ? SettingsDocument.empty("no settings file", part.environment(), INSTANCE_PREFIX)
                : SettingsDocument.read(part.settings(), part.environment(), INSTANCE_PREFIX);
        InstanceSettings settings = InstanceSettings.read(document.root(), part.environment(), hostName());
        LogSettings log = LogSettings.read(document.root().section("log"));
        document.finish();
        Vertx vertx = vertx();
        return new Assembled(
                new VertxComponent(vertx, new InstanceProgram(vertx, settings, part.environment(), clock, nanoTime)),
                log,
                null);
    }

    /** A proxy that may take another's place, or be replaced itself. Otherwise as {@link #assemble}. */
    public Assembled proxy(Part part, Succession succession) {
        Path file = file(part);
        Callable<ProxySettings> source = () -> ProxySettings.read(file, part.environment());
        // Both take a good part of a start, and neither needs the other.
        CompletableFuture<Vertx> making = CompletableFuture.supplyAsync(() -> vertx(1));
        CompletableFuture<Vertx> makingTraffic = making.thenApply(first -> vertx());
        ProxySettings settings;
        try {
            settings = ProxySettings.read(file, part.environment());
        } catch (RuntimeException e) {
            Future<Void> unused = making.join().close();
            Future<Void> unusedTraffic = makingTraffic.join().close();
            throw e;
        }
        Vertx vertx = making.join();
        Vertx trafficVertx = makingTraffic.join();
        ProxyProgram proxy = new ProxyProgram(vertx, trafficVertx, settings, source, succession, clock, nanoTime);
        ProcessSignals.handle("USR1", proxy::reopenAccessLog);
        Component closing = new VertxComponent(vertx, new VertxComponent(trafficVertx, proxy));
        return new Assembled(closing, settings.log(), () -> proxy.reload(SIGNAL));
    }

    private Assembled engine(Part part) {
        RolloutSettings settings = RolloutSettings.read(file(part), part.environment());
        Vertx vertx = vertx();
        return new Assembled(
                new VertxComponent(vertx, new RolloutProgram(vertx, settings, settings.data(), clock, crashPoint())),
                settings.log(),
                null);
    }

    private static CrashPoint crashPoint() {
        Long boundary = Long.getLong(HALT_AT);
        return boundary == null
                ? CrashPoint.NONE
                : CrashPoint.at(boundary, () -> Runtime.getRuntime().halt(HALTED));
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return PartKind.WEBHOOK_INSTANCE.command();
        }
    }

    private static Path file(Part part) {
        Path file = part.settings();
        if (file == null) {
            throw new IllegalArgumentException(part.name() + ": no settings (expected: a file)");
        }
        return file;
    }

    private static Vertx vertx() {
        return vertx(Runtime.getRuntime().availableProcessors());
    }

    private static Vertx vertx(int eventLoops) {
        return Vertx.vertx(new VertxOptions().setEventLoopPoolSize(eventLoops).setPreferNativeTransport(true));
    }
}
