package io.sluice.cli;

import io.sluice.client.ProxyAdminClient;
import io.sluice.client.ProxyAdminClient.Located;
import io.sluice.client.RefusedException;
import io.sluice.proxy.api.BackendView;
import io.sluice.proxy.api.HoldView;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Ends what {@code drain} began. */
@Command(name = "undrain", description = "Remove the hold that 'drain' placed; other holds on the backend stay.")
final class UndrainCommand implements Callable<Integer> {
    /** The hold of whoever operates the fleet by hand. */
    static final String OPERATOR = "operator";

    private final CommandContext context;

    @Mixin
    private TargetOptions target = new TargetOptions();

    @Parameters(index = "0", paramLabel = "ID", description = "the backend, such as webhook-3")
    private String id = "";

    @Option(names = "--hold", paramLabel = "NAME", description = "name of the hold (default: ${DEFAULT-VALUE})")
    private String hold = OPERATOR;

    UndrainCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        ProxyAdminClient proxy = target.proxy(context);
        Located located = locate(proxy, id);
        try {
            proxy.release(located.pool().pool(), id, hold);
        } catch (RefusedException e) {
            return refused(context, e);
        }
        BackendView now = locate(proxy, id).backend();
        List<String> others = now.holds().stream().map(HoldView::name).toList();
        context.console()
                .println(
                        others.isEmpty()
                                ? id + " is back"
                                        + (now.eligible()
                                                ? ""
                                                : ", not yet in service: " + String.join("; ", now.ineligibleBecause()))
                                : id + " is still held by " + String.join(", ", others));
        return ExitCode.OK;
    }

    static Located locate(ProxyAdminClient proxy, String id) {
        return proxy.find(id)
                .orElseThrow(() -> new UsageException("no backend " + id + " (expected: one of "
                        + String.join(
                                ", ",
                                proxy.pools().stream()
                                        .flatMap(p -> p.backends().stream())
                                        .map(BackendView::id)
                                        .toList())
                        + ")"));
    }

    static int refused(CommandContext context, RefusedException refusal) {
        context.console().err().println(refusal.getMessage());
        return refusal.status() == 401 || refusal.status() == 403 ? ExitCode.USAGE : ExitCode.REJECTED;
    }
}
