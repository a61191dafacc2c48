package io.sluice.cli;

import io.sluice.client.RefusedException;
import io.sluice.proxy.api.ReloadResult;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Has a running proxy read its file again. */
@Command(
        name = "reload",
        description = "Have the proxy read its settings file again and merge what changed, without a restart.")
final class ReloadCommand implements Callable<Integer> {
    /** Whose word counts. */
    enum Side {
        FILE,
        LIVE
    }

    private final CommandContext context;

    @Mixin
    private TargetOptions target = new TargetOptions();

    @Option(
            names = "--prefer",
            paramLabel = "SIDE",
            description = "file or live: whose word counts where file and API contradict each other (default: refuse)")
    private @Nullable Side prefer;

    @Option(names = "--dry-run", description = "only tell what would change")
    private boolean dryRun;

    ReloadCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        ReloadResult result;
        try {
            result = target.proxy(context)
                    .reload(prefer == null ? "" : prefer.name().toLowerCase(Locale.ROOT), dryRun);
        } catch (RefusedException e) {
            return UndrainCommand.refused(context, e);
        }
        Console console = context.console();
        if (!result.changed()) {
            console.println("nothing changed");
        }
        result.changes().forEach(change -> console.println((dryRun ? "would change: " : "changed: ") + change));
        if (!result.needsRestart().isEmpty()) {
            console.println("needs a restart: " + String.join(", ", result.needsRestart()));
        }
        return ExitCode.OK;
    }
}
