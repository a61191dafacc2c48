package io.sluice.cli;

import io.sluice.assembly.Addresses;
import io.sluice.client.ApiClient;
import io.sluice.client.RefusedException;
import io.sluice.client.UnreachableException;
import io.sluice.service.settings.Secret;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Checks a running Sluice from the outside. */
@Command(
        name = "verify",
        description = {
            "Check a running Sluice: health of each part, configuration of each instance, distribution of requests, drain and undrain,"
                    + " failover.",
            "Sends requests through the proxy, and takes one instance out for a moment if the floor allows. No request fails of that."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:all checks passed", "1:a check failed", "2:wrong usage", "9:the proxy cannot be reached"})
final class VerifyCommand implements Callable<Integer> {
    private final CommandContext context;

    @Mixin
    private TargetOptions target = new TargetOptions();

    @Mixin
    private EngineOptions engine = new EngineOptions();

    @Option(
            names = "--traffic-url",
            paramLabel = "URL",
            description = "with --url of the proxy: where clients reach it")
    private @Nullable String trafficUrl;

    @Option(
            names = "--instance-token",
            paramLabel = "TOKEN",
            description = "with --url: the instances' token (other users can see it in the process list)")
    private @Nullable String instanceToken;

    @Option(
            names = "--instance-token-file",
            paramLabel = "FILE",
            description = "with --url: a file with the instances' token")
    private @Nullable Path instanceTokenFile;

    @Option(names = "--path", paramLabel = "PATH", description = "what to post to (default: ${DEFAULT-VALUE})")
    private String path = "/webhook/test_webhook";

    @Option(names = "--requests", paramLabel = "N", description = "how many per check (default: ${DEFAULT-VALUE})")
    private int requests = 50;

    VerifyCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        if (requests < 1 || !path.startsWith("/")) {
            throw new UsageException("--requests: at least 1, --path: begins with /");
        }
        Optional<Addresses> addresses = target.addresses(context);
        CheckList list = new CheckList(context.console());
        Verification.Parts parts = new Verification.Parts(
                target.proxy(context),
                engine.client(target, context),
                Optional.ofNullable(trafficUrl)
                        .or(() -> addresses.map(Addresses::traffic))
                        .map(this::anonymous),
                url -> target.other(context, url, ofInstances()),
                context.nanoTime());
        try {
            new Verification(parts, new Verification.Plan(path, requests), list).run();
        } catch (UnreachableException | RefusedException e) {
            context.console().println("✗ " + e.getMessage());
            return e instanceof UnreachableException ? ExitCode.UNREACHABLE : ExitCode.FAILED;
        }
        context.console().println(list.failed() == 0 ? "all checks passed" : list.failed() + " checks failed");
        return list.failed() == 0 ? ExitCode.OK : ExitCode.FAILED;
    }

    private Optional<Secret> ofInstances() {
        return TargetOptions.given("--instance-token", instanceToken, instanceTokenFile);
    }

    /** Webhook senders have no admin token, and must not be shown one. */
    private ApiClient anonymous(String url) {
        return new ApiClient(URI.create(url), null, context.user());
    }
}
