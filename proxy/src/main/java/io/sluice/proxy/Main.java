package io.sluice.proxy;

import io.sluice.service.lifecycle.Component;
import io.sluice.service.lifecycle.ProcessRunner;
import io.sluice.service.lifecycle.VertxComponent;
import io.sluice.service.log.Logging;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;

/** Runs the proxy as a process of its own: {@code Main [settings file]}. */
public final class Main {
    private static final String DEFAULT_FILE = "config/proxy.yaml";

    /** Above the longest lame-duck and stop times that make sense; a supervisor kills sooner. */
    private static final Duration STOP_DEADLINE = Duration.ofMinutes(10);

    private Main() {}

    public static void main(String[] arguments) {
        Path file = Path.of(arguments.length > 0 ? arguments[0] : DEFAULT_FILE);
        ProcessRunner.runAndExit(STOP_DEADLINE, () -> assemble(file, System.getenv()));
    }

    private static Component assemble(Path file, Map<String, String> environment) {
        ProxySettings settings = ProxySettings.read(file, environment);
        Logging.configure(settings.log());
        Vertx vertx = Vertx.vertx(
                new VertxOptions().setEventLoopPoolSize(Runtime.getRuntime().availableProcessors()));
        return new VertxComponent(vertx, new ProxyProgram(vertx, settings, Clock.systemUTC(), System::nanoTime));
    }
}
