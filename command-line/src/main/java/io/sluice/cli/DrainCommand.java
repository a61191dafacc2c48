package io.sluice.cli;

import io.sluice.client.ProxyAdminClient;
import io.sluice.client.ProxyAdminClient.Located;
import io.sluice.client.RefusedException;
import io.sluice.proxy.api.DrainOperation;
import io.sluice.proxy.api.DrainState;
import io.sluice.proxy.api.HoldRequest;
import io.sluice.service.settings.DurationFormat;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes a backend out of service. */
@Command(
        name = "drain",
        description = {
            "Keep a backend out of service: no new requests, running ones finish. It stays out until 'undrain', also over restarts.",
            "Waits until the last running request is done."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:drained",
            "1:requests still ran when the time was up (it stays out)",
            "2:wrong usage, no such backend",
            "3:refused, it stays in service",
            "9:the proxy cannot be reached"
        })
final class DrainCommand implements Callable<Integer> {
    private final CommandContext context;

    @Mixin
    private TargetOptions target = new TargetOptions();

    @Parameters(index = "0", paramLabel = "ID", description = "the backend, such as webhook-3")
    private String id = "";

    @Option(names = "--reason", paramLabel = "TEXT", description = "why, for the journal")
    private String reason = "drained on the command line";

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description = "how long to wait for running requests, such as 30s")
    private @Nullable String timeout;

    @Option(names = "--hold", paramLabel = "NAME", description = "name of the hold (default: ${DEFAULT-VALUE})")
    private String hold = UndrainCommand.OPERATOR;

    DrainCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        ProxyAdminClient proxy = target.proxy(context);
        Located located = UndrainCommand.locate(proxy, id);
        DrainOperation drain;
        try {
            drain = proxy.hold(located.pool().pool(), id, hold, new HoldRequest(reason, limit()));
        } catch (RefusedException e) {
            return UndrainCommand.refused(context, e);
        }
        context.console().println(id + " gets no new requests; " + drain.inFlight() + " running");
        while (drain.state() == DrainState.DRAINING) {
            drain = proxy.operation(drain.id());
        }
        return report(drain);
    }

    private int report(DrainOperation drain) {
        return switch (drain.state()) {
            case DRAINED -> {
                context.console().println(id + " is drained. To bring it back: sluice undrain " + id + target.flags());
                yield ExitCode.OK;
            }
            case TIMED_OUT -> {
                context.console()
                        .err()
                        .println(id + " is out of service, but " + drain.remaining() + " requests still ran");
                yield ExitCode.FAILED;
            }
            case CANCELLED, DRAINING -> {
                context.console().err().println(id + ": the drain was cancelled");
                yield ExitCode.FAILED;
            }
        };
    }

    private @Nullable Duration limit() {
        if (timeout == null) {
            return null;
        }
        return DurationFormat.parse(timeout)
                .filter(d -> !d.isNegative())
                .orElseThrow(() -> new UsageException(
                        "--timeout: " + timeout + " (expected: " + DurationFormat.EXPECTATION + ")"));
    }
}
