package io.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.client.EngineClient;
import io.sluice.client.ProxyAdminClient;
import io.sluice.client.RefusedException;
import io.sluice.client.UnreachableException;
import io.sluice.proxy.api.BackendView;
import io.sluice.proxy.api.PoolView;
import io.sluice.service.json.Json;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the pools as the proxy has them, and the last rollouts. */
@Command(name = "status", description = "Show every backend, why it is or is not in service, and the last rollouts.")
final class StatusCommand implements Callable<Integer> {
    private static final int ROLLOUTS = 5;
    private static final int SHORT_HASH = 12;

    private final CommandContext context;

    @Mixin
    private TargetOptions target = new TargetOptions();

    @Mixin
    private EngineOptions engine = new EngineOptions();

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    StatusCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        ProxyAdminClient proxy = target.proxy(context);
        Optional<JsonNode> rollouts = rollouts();
        if (json) {
            ObjectNode both = Json.mapper().createObjectNode();
            both.set("proxy", proxy.poolsJson());
            rollouts.ifPresent(list -> both.set("rollouts", list.path("rollouts")));
            context.console().println(both.toString());
            return ExitCode.OK;
        }
        proxy.pools().forEach(this::print);
        rollouts.ifPresentOrElse(
                this::printRollouts, () -> context.console().println("rollouts: the engine cannot be reached"));
        return ExitCode.OK;
    }

    private Optional<JsonNode> rollouts() {
        try {
            return engine.client(target, context)
                    .map(api -> new EngineClient(api, context.nanoTime()).rollouts(ROLLOUTS));
        } catch (UnreachableException | RefusedException e) {
            return Optional.empty();
        }
    }

    private void print(PoolView pool) {
        String accepted = pool.acceptedConfiguration().isEmpty()
                ? "any configuration"
                : "configuration "
                        + String.join(
                                ", ",
                                pool.acceptedConfiguration().stream()
                                        .map(StatusCommand::brief)
                                        .toList());
        context.console()
                .println("pool " + pool.pool() + "  revision " + pool.revision() + "  " + pool.inService() + "/"
                        + pool.backends().size() + " in service (floor " + pool.minInService()
                        + (pool.inService() > pool.minInService() ? "" : ": none can be taken out") + ")  accepts "
                        + accepted);
        pool.backends().forEach(this::print);
    }

    private void print(BackendView backend) {
        String state = backend.eligible() ? "in service" : String.join("; ", backend.ineligibleBecause());
        context.console()
                .println(String.format(
                        "  %-14s %-21s %-8s in-flight %-4d config %-12s  %s",
                        backend.id(),
                        backend.address(),
                        backend.health().name().toLowerCase(Locale.ROOT),
                        backend.inFlight(),
                        backend.configHash() == null ? "unknown" : brief(backend.configHash()),
                        state));
    }

    private void printRollouts(JsonNode page) {
        JsonNode list = page.path("rollouts");
        context.console().println(list.isEmpty() ? "no rollouts yet" : "rollouts");
        for (JsonNode rollout : list) {
            RolloutProgress progress = new RolloutProgress();
            progress.apply(rollout);
            context.console().println("  " + seconds(rollout.path("createdAt").asText()) + "  " + progress.summary());
        }
    }

    /** In UTC, as in the logs. */
    private static String seconds(String time) {
        try {
            return Instant.parse(time).truncatedTo(ChronoUnit.SECONDS).toString();
        } catch (DateTimeException e) {
            return time;
        }
    }

    static String brief(String hash) {
        return hash.length() <= SHORT_HASH ? hash : hash.substring(0, SHORT_HASH);
    }
}
