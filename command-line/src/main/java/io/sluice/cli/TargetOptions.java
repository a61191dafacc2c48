package io.sluice.cli;

import io.sluice.assembly.Addresses;
import io.sluice.assembly.DataFolder;
import io.sluice.client.ApiClient;
import io.sluice.client.EngineClient;
import io.sluice.client.ProxyAdminClient;
import io.sluice.service.settings.Secret;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which Sluice a command talks to: one that {@code sluice up} started from a data folder, or any other by address and token. */
final class TargetOptions {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "data folder of the running 'sluice up' (default: data/)")
    private @Nullable Path data;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "address of the API instead, such as http://127.0.0.1:9500")
    private @Nullable String url;

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            description = "its token (other users can see it in the process list)")
    private @Nullable String token;

    @Option(names = "--token-file", paramLabel = "FILE", description = "a file with its token")
    private @Nullable Path tokenFile;

    ProxyAdminClient proxy(CommandContext context) {
        return new ProxyAdminClient(client(context, address(context, "proxy", Addresses::proxyAdmin)));
    }

    EngineClient engine(CommandContext context) {
        return new EngineClient(client(context, address(context, "engine", Addresses::engine)), context.nanoTime());
    }

    /**
     * A client of another part than the one at {@code --url}. In a data folder all tokens are the same; with {@code --url} it is shown its
     * {@code own} token or none, never that of the other.
     */
    ApiClient other(CommandContext context, String address, Optional<Secret> own) {
        Optional<Secret> known = url == null ? own.or(() -> secret(context)) : own;
        return new ApiClient(URI.create(address), known.orElse(null), context.user());
    }

    /** What runs from the data folder; empty with {@code --url}. */
    Optional<Addresses> addresses(CommandContext context) {
        return url == null ? folder(context).addresses() : Optional.empty();
    }

    /** How the user named the target, for messages that tell what to type next. */
    String flags() {
        if (url != null) {
            return " --url " + url + (tokenFile == null ? "" : " --token-file " + tokenFile);
        }
        return data == null ? "" : " --data " + data;
    }

    DataFolder folder(CommandContext context) {
        return new DataFolder(data == null ? context.defaultData() : data);
    }

    private ApiClient client(CommandContext context, URI address) {
        return new ApiClient(address, secret(context).orElse(null), context.user());
    }

    private URI address(CommandContext context, String what, Function<Addresses, String> fromFolder) {
        if (url != null) {
            return parse(url);
        }
        DataFolder folder = folder(context);
        return folder.addresses()
                .map(fromFolder)
                .map(TargetOptions::parse)
                .orElseThrow(() -> new UsageException("nothing was started from " + folder.root() + ": no " + what
                        + " address (give --data of a running 'sluice up', or --url)"));
    }

    private Optional<Secret> secret(CommandContext context) {
        Optional<Secret> given = given("--token", token, tokenFile);
        return given.isEmpty() && url == null ? folder(context).token() : given;
    }

    /** The token of a pair of options: {@code option} gives it, and {@code option-file} names a file with it. */
    static Optional<Secret> given(String option, @Nullable String token, @Nullable Path file) {
        if (token != null && file != null) {
            throw new UsageException(option + " and " + option + "-file (expected: one of them)");
        }
        if (token != null) {
            return Optional.of(Secret.of(token));
        }
        if (file == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Secret.of(Files.readString(file).strip()));
        } catch (IOException | IllegalArgumentException e) {
            throw new UsageException(option + "-file: " + file + " (expected: a readable file with a token)");
        }
    }

    private static URI parse(String text) {
        URI uri;
        try {
            uri = URI.create(text);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--url: " + text + " (expected: http://host:port)");
        }
        if (uri.getHost() == null || uri.getScheme() == null || !uri.getScheme().startsWith("http")) {
            throw new UsageException("--url: " + text + " (expected: http://host:port)");
        }
        return uri;
    }
}
