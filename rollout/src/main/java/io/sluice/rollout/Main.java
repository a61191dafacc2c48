package io.sluice.rollout;

import io.sluice.rollout.store.CrashPoint;
import io.sluice.service.lifecycle.Component;
import io.sluice.service.lifecycle.ProcessRunner;
import io.sluice.service.lifecycle.VertxComponent;
import io.sluice.service.log.Logging;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;

/** Runs the rollout engine as a process of its own: {@code Main [settings file]}. */
public final class Main {
    private static final String DEFAULT_FILE = "config/rollout.yaml";

    /** Ends the process without any farewell at the n-th boundary; for tests of recovery. */
    private static final String HALT_AT = "sluice.halt-at";

    private static final int HALTED = 137;
    private static final Duration STOP_DEADLINE = Duration.ofSeconds(20);

    private Main() {}

    public static void main(String[] arguments) {
        Path file = Path.of(arguments.length > 0 ? arguments[0] : DEFAULT_FILE);
        ProcessRunner.runAndExit(STOP_DEADLINE, () -> assemble(file));
    }

    private static Component assemble(Path file) {
        RolloutSettings settings = RolloutSettings.read(file, System.getenv());
        Logging.configure(settings.log());
        Vertx vertx = Vertx.vertx();
        return new VertxComponent(
                vertx, new RolloutProgram(vertx, settings, settings.data(), Clock.systemUTC(), crashPoint()));
    }

    private static CrashPoint crashPoint() {
        Long boundary = Long.getLong(HALT_AT);
        return boundary == null
                ? CrashPoint.NONE
                : CrashPoint.at(boundary, () -> Runtime.getRuntime().halt(HALTED));
    }
}
