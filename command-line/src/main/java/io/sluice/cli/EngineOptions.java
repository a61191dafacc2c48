package io.sluice.cli;

import io.sluice.assembly.Addresses;
import io.sluice.client.ApiClient;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the engine is, for a command whose {@code --url} is the proxy's. With a data folder it is known. */
final class EngineOptions {
    @Option(names = "--engine-url", paramLabel = "URL", description = "with --url of the proxy: the engine's address")
    private @Nullable String url;

    @Option(
            names = "--engine-token",
            paramLabel = "TOKEN",
            description = "with --url: the engine's token (other users can see it in the process list)")
    private @Nullable String token;

    @Option(
            names = "--engine-token-file",
            paramLabel = "FILE",
            description = "with --url: a file with the engine's token")
    private @Nullable Path tokenFile;

    /** Empty when nobody said where it is. */
    Optional<ApiClient> client(TargetOptions target, CommandContext context) {
        return Optional.ofNullable(url)
                .or(() -> target.addresses(context).map(Addresses::engine))
                .map(address ->
                        target.other(context, address, TargetOptions.given("--engine-token", token, tokenFile)));
    }
}
