package io.sluice.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.client.EngineClient;
import io.sluice.client.RefusedException;
import io.sluice.service.json.Json;
import io.sluice.service.problem.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Changes the configuration of every instance, one after the other, and shows how it goes. */
@Command(
        name = "rollout",
        description = {
            "Change the configuration of every instance without failing a request, and follow it.",
            "Ctrl-C detaches: the rollout goes on."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:succeeded",
            "2:wrong usage",
            "3:rejected, nothing was touched",
            "4:partial: some instances were left out",
            "5:stopped on the way, the fleet is mixed",
            "6:rolled back",
            "7:needs attention",
            "9:the engine cannot be reached"
        })
final class RolloutCommand implements Callable<Integer> {
    /** Which document is replaced. */
    enum Type {
        webhooks,
        connections,
        bundle
    }

    private final CommandContext context;

    @Mixin
    private TargetOptions target = new TargetOptions();

    @Parameters(index = "0", paramLabel = "TYPE", description = "${COMPLETION-CANDIDATES}")
    private Type type = Type.webhooks;

    @Parameters(
            index = "1",
            paramLabel = "FILE",
            description = "the new document; a bundle is {\"webhooks\":…,\"connections\":…}")
    private Path file = Path.of("");

    @Option(names = "--pool", paramLabel = "NAME", description = "the pool, where there are several")
    private @Nullable String pool;

    @Option(names = "--reason", paramLabel = "TEXT", description = "why, for the journal")
    private @Nullable String reason;

    @Option(names = "--floor", paramLabel = "N", description = "never have fewer backends in service")
    private @Nullable Integer floor;

    @Option(names = "--batch", paramLabel = "N", description = "at most so many instances out of service together")
    private @Nullable Integer batch;

    @Option(names = "--on-failure", paramLabel = "POLICY", description = "halt | rollback | continue")
    private @Nullable String onFailure;

    @Option(names = "--json", description = "print the events as JSON, one per line")
    private boolean json;

    @Option(names = "--detach", description = "do not follow; print the rollout's id")
    private boolean detach;

    RolloutCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        JsonNode document;
        try {
            document = Json.mapper().readTree(Files.readString(file));
        } catch (JsonProcessingException e) {
            context.console().err().println("rejected, nothing was touched: " + file + " is not JSON: " + where(e));
            return ExitCode.REJECTED;
        } catch (IOException e) {
            throw new UsageException(file + " cannot be read: " + e);
        }
        EngineClient engine = target.engine(context);
        JsonNode rollout;
        try {
            rollout = engine.submit(request(document));
        } catch (RefusedException e) {
            return refused(e.problem());
        }
        String id = rollout.path("id").asText();
        if (detach) {
            context.console().println(json ? rollout.toString() : id);
            return ExitCode.OK;
        }
        return follow(engine, id);
    }

    private ObjectNode request(JsonNode document) {
        ObjectNode request = Json.mapper().createObjectNode();
        request.put("type", type.name()).set("config", document);
        put(request, "pool", pool);
        put(request, "reason", reason);
        put(request, "onFailure", onFailure);
        if (floor != null) {
            request.put("floor", floor);
        }
        if (batch != null) {
            request.putObject("strategy").put("type", "rolling").put("batchSize", batch);
        }
        return request;
    }

    private int follow(EngineClient engine, String id) {
        AtomicBoolean over = new AtomicBoolean();
        Thread detached = new Thread(() -> {
            if (!over.get()) {
                context.console()
                        .err()
                        .println("\ndetached: " + id + " goes on. To stop it: sluice abort " + id + target.flags());
            }
        });
        Runtime.getRuntime().addShutdownHook(detached);
        RolloutProgress end;
        try {
            end = new RolloutFollower(engine, printer()).follow(id);
        } finally {
            over.set(true);
        }
        if (!json) {
            end.problems().forEach(problem -> context.console().err().println("  " + problemLine(problem)));
        }
        return ExitCode.ofPhase(end.phase());
    }

    private ProgressPrinter printer() {
        if (json) {
            return new JsonPrinter(context.console());
        }
        return context.console().live() ? new LivePrinter(context.console()) : new PlainPrinter(context.console());
    }

    /** Nothing was touched by a call that the engine refused; but a wrong token or option is a matter of usage. */
    private int refused(Problem problem) {
        if (json) {
            context.console().println(problem.toJson().toString());
        } else {
            context.console()
                    .err()
                    .println("rejected, nothing was touched: " + problem.title()
                            + (problem.detail() == null ? "" : ": " + problem.detail()));
            problem.errors()
                    .forEach(error -> context.console()
                            .err()
                            .println("  " + (error.pointer().isEmpty() ? "/" : error.pointer()) + ": "
                                    + error.detail()));
        }
        return switch (problem.status()) {
            case 400, 401, 403 -> ExitCode.USAGE;
            case 502, 503 -> ExitCode.UNREACHABLE;
            default -> ExitCode.REJECTED;
        };
    }

    private static String problemLine(JsonNode problem) {
        String backend = problem.path("backend").asText("");
        return (backend.isEmpty() ? "" : backend + " ")
                + problem.path("file").asText("")
                + problem.path("pointer").asText("")
                + ": "
                + problem.path("message").asText("")
                + (problem.hasNonNull("hint") ? " (" + problem.path("hint").asText() + ")" : "");
    }

    private static void put(ObjectNode request, String member, @Nullable String value) {
        if (value != null) {
            request.put(member, value);
        }
    }

    private static String where(JsonProcessingException e) {
        return e.getOriginalMessage() + " (line " + e.getLocation().getLineNr() + ", column "
                + e.getLocation().getColumnNr() + ")";
    }
}
