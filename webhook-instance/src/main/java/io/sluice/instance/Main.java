package io.sluice.instance;

import io.sluice.service.lifecycle.Component;
import io.sluice.service.lifecycle.ProcessRunner;
import io.sluice.service.lifecycle.VertxComponent;
import io.sluice.service.log.LogSettings;
import io.sluice.service.log.Logging;
import io.sluice.service.settings.SettingsDocument;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Runs one webhook instance as a process. Its only argument, if any, is a settings file; the environment overrides it. */
public final class Main {
    private static final String ENVIRONMENT_PREFIX = "SLUICE_INSTANCE";

    /** After which a stop gives up waiting. */
    private static final Duration STOP_DEADLINE = Duration.ofSeconds(30);

    private Main() {}

    public static void main(String[] arguments) {
        ProcessRunner.runAndExit(STOP_DEADLINE, () -> assemble(List.of(arguments), System.getenv()));
    }

    static Component assemble(List<String> arguments, Map<String, String> environment) {
        SettingsDocument document = arguments.isEmpty()
                ? SettingsDocument.empty("no settings file", environment, ENVIRONMENT_PREFIX)
                : SettingsDocument.read(Path.of(arguments.get(0)), environment, ENVIRONMENT_PREFIX);
        InstanceSettings settings = InstanceSettings.read(document.root(), environment, hostName());
        LogSettings log = LogSettings.read(document.root().section("log"));
        document.finish();
        Logging.configure(log);
        Vertx vertx = Vertx.vertx();
        return new VertxComponent(
                vertx, new InstanceProgram(vertx, settings, environment, Clock.systemUTC(), System::nanoTime));
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "webhook-instance";
        }
    }
}
