package io.sluice.cli;

import io.sluice.assembly.Part;
import io.sluice.assembly.PartKind;
import io.sluice.assembly.Programs;
import io.sluice.proxy.Succession;
import io.sluice.service.lifecycle.ProcessRunner;
import io.sluice.service.lifecycle.ProcessSignals;
import io.sluice.service.log.Logging;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs one part as a process of its own. */
@Command(
        description = {
            "Run this part in the foreground until SIGTERM or Ctrl-C.",
            "Environment variables override its settings file; see the comments there."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:stopped cleanly", "1:could not start or stop", "2:wrong usage or settings"})
final class PartCommand implements Callable<Integer> {
    /** Above the longest times that its settings may give it; a supervisor kills sooner. */
    private static final Duration STOP_DEADLINE = Duration.ofMinutes(10);

    private final CommandContext context;
    private final PartKind kind;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "FILE",
            description = "its settings file (default: the one in config/)")
    private @Nullable Path settings;

    @Option(names = "--attached", hidden = true, description = "stop when standard input ends")
    private boolean attached;

    /** What only the proxy can do. */
    @Command
    static final class ProxyOptions {
        @Option(
                names = "--take-over",
                description = {
                    "take the place of the proxy that runs with the same data folder, without failing a request;",
                    "it finishes what it runs and exits. Starts as usual when there is none."
                })
        private boolean takeOver;
    }

    private final ProxyOptions proxy = new ProxyOptions();

    private PartCommand(CommandContext context, PartKind kind) {
        this.context = context;
        this.kind = kind;
    }

    private CommandLine line() {
        CommandLine line = new CommandLine(this).setCommandName(kind.command());
        return kind == PartKind.PROXY ? line.addMixin("proxy", proxy) : line;
    }

    /** One command per part. */
    static List<CommandLine> all(CommandContext context) {
        return Arrays.stream(PartKind.values())
                .map(kind -> new PartCommand(context, kind).line())
                .toList();
    }

    /**
     * Runs a part without the command line's library, whose start takes longer than that of a part; empty when the arguments are anything but {@code PART
     * [--take-over] [--attached] [FILE]}. Then the library runs or explains them.
     */
    static Optional<Integer> runPlain(CommandContext context, List<String> arguments) {
        Optional<PartKind> kind = Arrays.stream(PartKind.values())
                .filter(each -> !arguments.isEmpty() && each.command().equals(arguments.get(0)))
                .findFirst();
        if (kind.isEmpty()) {
            return Optional.empty();
        }
        PartCommand command = new PartCommand(context, kind.get());
        return command.takePlain(arguments.subList(1, arguments.size()))
                ? Optional.of(command.call())
                : Optional.empty();
    }

    private boolean takePlain(List<String> arguments) {
        for (String argument : arguments) {
            if (argument.equals("--attached")) {
                attached = true;
            } else if (argument.equals("--take-over") && kind == PartKind.PROXY) {
                proxy.takeOver = true;
            } else if (argument.isEmpty() || argument.startsWith("-") || argument.startsWith("@") || settings != null) {
                return false;
            } else {
                settings = Path.of(argument);
            }
        }
        return true;
    }

    @Override
    public Integer call() {
        Part part = new Part(kind.command(), kind, file(), context.environment());
        if (attached) {
            stopWithStandardInput();
        }
        ProcessRunner runner = new ProcessRunner(
                context.console().err(), STOP_DEADLINE, () -> context.console().println("ready"));
        return runner.run(() -> {
            Programs.Assembled assembled = assemble(part);
            Logging.configure(assembled.log());
            Runnable reload = assembled.reload();
            if (reload != null) {
                ProcessSignals.handle("HUP", reload);
            }
            return assembled.component();
        });
    }

    private Programs.Assembled assemble(Part part) {
        Programs programs = new Programs(Clock.systemUTC(), context.nanoTime());
        // Whoever holds the other end of the input would start a proxy again that another process has replaced.
        return kind == PartKind.PROXY && !attached
                ? programs.proxy(part, new Succession(proxy.takeOver, PartCommand::exitSoon))
                : programs.assemble(part);
    }

    /** In a container an instance is told everything by its environment. */
    private @Nullable Path file() {
        Path file = settings == null ? kind.defaultSettings(context.home().resolve("config")) : settings;
        boolean optional = settings == null && kind == PartKind.WEBHOOK_INSTANCE;
        return optional && !Files.exists(file) ? null : file.toAbsolutePath();
    }

    /** Whoever started this process holds the other end, and its death closes it. */
    private static void stopWithStandardInput() {
        Thread watcher = new Thread(
                () -> {
                    try (InputStream in = System.in) {
                        in.transferTo(OutputStream.nullOutputStream());
                    } catch (IOException e) {
                        // As good as its end.
                    }
                    exit();
                },
                "standard-input");
        watcher.setDaemon(true);
        watcher.start();
    }

    /** The threads of what has to stop must not wait for that. */
    private static void exitSoon() {
        new Thread(PartCommand::exit, "replaced").start();
    }

    @SuppressWarnings("SystemExitOutsideMain") // the same way out as a signal: shutdown hooks stop what runs
    private static void exit() {
        System.exit(ExitCode.OK);
    }
}
