package io.sluice.cli;

import io.sluice.client.RefusedException;
import io.sluice.client.UnreachableException;
import io.sluice.service.lifecycle.StartException;
import io.sluice.service.settings.InvalidSettingsException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** All commands under one name. */
@Command(
        name = "sluice",
        description =
                "A reverse proxy, a rollout engine and webhook instances that change configuration without failing a request.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        version = "sluice 0.1.0")
public final class SluiceCommand {
    private final CommandContext context;

    private SluiceCommand(CommandContext context) {
        this.context = context;
    }

    /**
     * Runs one command of the process and returns its exit code.
     *
     * @param home the project's folder
     * @param terminal whether standard output is one
     */
    public static int run(Path home, boolean terminal, LongSupplier nanoTime, String... args) {
        Map<String, String> environment = System.getenv();
        Console console = Console.ofProcess(terminal, environment);
        return run(new CommandContext(console, environment, home, nanoTime), args);
    }

    static int run(CommandContext context, String... args) {
        return PartCommand.runPlain(context, List.of(args)).orElseGet(() -> new SluiceCommand(context).execute(args));
    }

    private int execute(String... args) {
        CommandLine line = new CommandLine(this)
                .addSubcommand(new UpCommand(context))
                .addSubcommand(new RolloutCommand(context))
                .addSubcommand(new AbortCommand(context))
                .addSubcommand(new StatusCommand(context))
                .addSubcommand(new DrainCommand(context))
                .addSubcommand(new UndrainCommand(context))
                .addSubcommand(new ReloadCommand(context))
                .addSubcommand(new VerifyCommand(context))
                .addSubcommand(new ImportNginxCommand(context))
                .addSubcommand(new RehearseCommand(context));
        PartCommand.all(context).forEach(line::addSubcommand);
        line.getSubcommands().values().forEach(sub -> sub.addMixin("help", new HelpOption()));
        line.addSubcommand(new CommandLine.HelpCommand());
        line.setOut(new PrintWriter(new OutputStreamWriter(context.console().out(), StandardCharsets.UTF_8), true));
        line.setErr(new PrintWriter(new OutputStreamWriter(context.console().err(), StandardCharsets.UTF_8), true));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler((failure, command, result) -> failed(failure));
        if (args.length == 0) {
            line.usage(line.getErr());
            return ExitCode.USAGE;
        }
        return line.execute(args);
    }

    private int failed(Exception failure) throws Exception {
        if (failure instanceof InvalidSettingsException invalid) {
            context.console().err().println("The settings cannot be used:");
            context.console().err().print(invalid.table());
            return ExitCode.USAGE;
        }
        context.console().err().println(failure.getMessage());
        if (failure instanceof UsageException) {
            return ExitCode.USAGE;
        }
        if (failure instanceof UnreachableException) {
            return ExitCode.UNREACHABLE;
        }
        if (failure instanceof RefusedException refusal) {
            return refusal.status() == 401 || refusal.status() == 403 ? ExitCode.USAGE : ExitCode.FAILED;
        }
        if (failure instanceof StartException) {
            return ExitCode.FAILED;
        }
        throw failure;
    }

    /** {@code --help} for each command. */
    @Command
    static final class HelpOption {
        @SuppressWarnings("unused") // picocli reads it
        @CommandLine.Option(
                names = {"-h", "--help"},
                usageHelp = true,
                description = "show this")
        private boolean asked;
    }
}
