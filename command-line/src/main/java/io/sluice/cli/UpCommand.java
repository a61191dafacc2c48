package io.sluice.cli;

import io.sluice.assembly.Addresses;
import io.sluice.assembly.DataFolder;
import io.sluice.assembly.EmbeddedFleet;
import io.sluice.assembly.FleetLayout;
import io.sluice.assembly.FleetPorts;
import io.sluice.assembly.Part;
import io.sluice.assembly.PortCheck;
import io.sluice.assembly.SeparateFleet;
import io.sluice.client.ApiClient;
import io.sluice.client.Poll;
import io.sluice.client.ProxyAdminClient;
import io.sluice.client.RefusedException;
import io.sluice.client.UnreachableException;
import io.sluice.proxy.api.BackendView;
import io.sluice.service.lifecycle.Component;
import io.sluice.service.lifecycle.ProcessRunner;
import io.sluice.service.lifecycle.VertxComponent;
import io.sluice.service.log.LogSettings;
import io.sluice.service.log.Logging;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs a whole Sluice on this machine until it is told to stop. */
@Command(
        name = "up",
        description = {
            "Start the proxy, the webhook instances and the rollout engine, and keep them running.",
            "Prints 'ready' when requests are served. SIGTERM or Ctrl-C stops everything cleanly."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:stopped cleanly", "1:could not start or stop", "2:wrong usage or settings"})
final class UpCommand implements Callable<Integer> {
    /** The line that scripts wait for. */
    private static final String READY = "ready";

    /** Above the 34 s that the proxy gives itself to finish what runs. */
    private static final Duration PART_STOP_DEADLINE = Duration.ofSeconds(40);

    private static final Duration STOP_DEADLINE = Duration.ofMinutes(2);

    /** Each part listens already; what is awaited are first health checks. */
    private static final Duration READY_LIMIT = Duration.ofSeconds(15);

    private final CommandContext context;

    @Option(names = "--port", paramLabel = "PORT", description = "for clients (default: ${DEFAULT-VALUE})")
    private int port = 80;

    @Option(
            names = "--admin-port",
            paramLabel = "PORT",
            description = "the proxy's admin API (default: ${DEFAULT-VALUE})")
    private int adminPort = 9500;

    @Option(
            names = "--rollout-port",
            paramLabel = "PORT",
            description = "the rollout engine (default: ${DEFAULT-VALUE})")
    private int rolloutPort = 9510;

    @Option(names = "--instances", paramLabel = "N", description = "how many (default: ${DEFAULT-VALUE})")
    private int instances = 5;

    @Option(
            names = "--instance-port",
            paramLabel = "PORT",
            description = "of the first instance; the others take the following ones (default: ${DEFAULT-VALUE})")
    private int instancePort = 8001;

    @Option(names = "--data", paramLabel = "DIR", description = "where everything is kept (default: data/)")
    private @Nullable Path data;

    @Option(names = "--config", paramLabel = "DIR", description = "the settings files (default: config/)")
    private @Nullable Path config;

    @Option(names = "--separate", description = "run each part as a process of its own and start it again when it ends")
    private boolean separate;

    @Option(names = "--log-format", paramLabel = "FORMAT", description = "text | json (default: ${DEFAULT-VALUE})")
    private LogSettings.Format logFormat = LogSettings.Format.TEXT;

    @Option(
            names = "--log-level",
            paramLabel = "LEVEL",
            description = "error | warn | info | debug | trace (default: ${DEFAULT-VALUE})")
    private LogSettings.Level logLevel = LogSettings.Level.INFO;

    UpCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        FleetPorts ports = ports();
        Path settings = (config == null ? context.home().resolve("config") : config).toAbsolutePath();
        if (!Files.isDirectory(settings)) {
            throw new UsageException("--config: " + settings + " (expected: a folder with proxy.yaml and the others)");
        }
        DataFolder folder = new DataFolder(data == null ? context.defaultData() : data);
        folder.prepare();
        LogSettings log = new LogSettings(logFormat, logLevel);
        Logging.configure(log);
        FleetLayout layout = new FleetLayout(settings, folder, ports, context.environment(), log);
        ProcessRunner runner =
                new ProcessRunner(context.console().err(), STOP_DEADLINE, () -> ready(folder, layout.addresses()));
        return runner.run(() -> assemble(folder, layout, ports));
    }

    private FleetPorts ports() {
        try {
            return new FleetPorts(port, adminPort, rolloutPort, instancePort, instances);
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    private Component assemble(DataFolder folder, FleetLayout layout, FleetPorts ports) {
        String trafficHost = layout.trafficHost();
        List<Part> parts = layout.parts();
        PortCheck.require("--port", trafficHost, ports.traffic());
        PortCheck.require("--admin-port", FleetLayout.LOOPBACK, ports.proxyAdmin());
        PortCheck.require("--rollout-port", FleetLayout.LOOPBACK, ports.engine());
        for (int i = 1; i <= ports.instances(); i++) {
            PortCheck.require("--instance-port", FleetLayout.LOOPBACK, ports.instance(i));
        }
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
        Component fleet = separate
                ? new SeparateFleet(vertx, parts, folder, PART_STOP_DEADLINE, context.nanoTime())
                : new EmbeddedFleet(vertx, parts, PART_STOP_DEADLINE, Clock.systemUTC(), context.nanoTime());
        return new VertxComponent(vertx, fleet);
    }

    private void ready(DataFolder folder, Addresses addresses) {
        folder.write(addresses);
        ApiClient proxy =
                new ApiClient(URI.create(addresses.proxyAdmin()), folder.token().orElse(null), context.user());
        ApiClient engine =
                new ApiClient(URI.create(addresses.engine()), folder.token().orElse(null), context.user());
        boolean served = new Poll(context.nanoTime())
                .until(
                        READY_LIMIT,
                        () -> isReady(proxy)
                                && isReady(engine)
                                && waiting(proxy).isEmpty());
        print("");
        print("  traffic    " + addresses.traffic() + "/webhook/test_webhook");
        print("  proxy      " + addresses.proxyAdmin() + "   admin API");
        print("  engine     " + addresses.engine() + "   rollouts");
        addresses.instances().forEach(i -> print("  instance   " + i.url() + "   " + i.id()));
        print("  token      " + folder.tokenFile());
        print("");
        if (!served) {
            context.console().err().println("not in service yet: " + String.join("; ", waiting(proxy)));
        }
        print(READY);
        print("");
        printNextSteps(folder, addresses);
    }

    private void printNextSteps(DataFolder folder, Addresses addresses) {
        String flag = folder.root().equals(context.defaultData()) ? "" : " --data " + folder.root();
        print("Try, in another terminal:");
        print("  curl -i -X POST -H 'Content-Type: application/json' -d '{\"hello\":\"world\"}' " + addresses.traffic()
                + "/webhook/test_webhook");
        print("  ./sluice rollout webhooks config/webhooks.json" + flag);
        print("  ./sluice status" + flag);
        print("  ./sluice verify" + flag);
    }

    private static boolean isReady(ApiClient api) {
        try {
            return api.call("GET", "/readyz", null, Map.of()).isSuccess();
        } catch (UnreachableException e) {
            return false;
        }
    }

    /** Backends that are out of service for no reason that anybody gave. */
    private static List<String> waiting(ApiClient proxy) {
        try {
            return new ProxyAdminClient(proxy)
                    .pools().stream()
                            .flatMap(pool -> pool.backends().stream())
                            .filter(backend ->
                                    !backend.eligible() && backend.holds().isEmpty())
                            .map(UpCommand::describe)
                            .toList();
        } catch (UnreachableException | RefusedException e) {
            return List.of(String.valueOf(e.getMessage()));
        }
    }

    private static String describe(BackendView backend) {
        return backend.id() + ": " + String.join(", ", backend.ineligibleBecause());
    }

    private void print(String line) {
        context.console().println(line);
    }
}
