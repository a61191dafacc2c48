package io.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.client.EngineClient;
import io.sluice.client.RefusedException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Stops a rollout where it can stop safely. */
@Command(
        name = "abort",
        description = {
            "Stop a rollout: the instance being worked on is made safe, the others stay as they are.",
            "With --rollback, every touched instance gets back what it ran before."
        })
final class AbortCommand implements Callable<Integer> {
    private final CommandContext context;

    @Mixin
    private TargetOptions target = new TargetOptions();

    @Parameters(index = "0", paramLabel = "ID", description = "such as r-42")
    private String id = "";

    @Option(names = "--rollback", description = "also walk touched instances back")
    private boolean rollback;

    @Option(names = "--reason", paramLabel = "TEXT", description = "why, for the journal")
    private String reason = "asked for on the command line";

    AbortCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        EngineClient engine = target.engine(context);
        try {
            JsonNode view = engine.act(id, rollback ? "rollback" : "abort", reason);
            RolloutProgress progress = new RolloutProgress();
            progress.apply(view);
            if (!progress.isOver()) {
                progress = new RolloutFollower(engine, new PlainPrinter(context.console())).follow(id);
            }
            return ExitCode.ofPhase(progress.phase());
        } catch (RefusedException e) {
            context.console().err().println(e.getMessage());
            return e.status() == 404 || e.status() == 401 || e.status() == 403 ? ExitCode.USAGE : ExitCode.REJECTED;
        }
    }
}
