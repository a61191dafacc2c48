package io.sluice.instance.registration;

import io.sluice.service.settings.Secret;
import io.sluice.service.settings.SettingsReader;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where an instance registers itself.
 *
 * @param proxies the admin APIs, {@code http://host:port}; each is told independently of the others
 * @param pool the pool at all of them
 * @param token the pool's registration token
 * @param address IP address and port where it gets its traffic; absent: its port, at the address from which proxies see it come
 * @param weight its share of the load
 * @param drainWait how long a stop waits for proxies to have nothing running here any more
 */
public record RegistrationSettings(
        List<URI> proxies,
        String pool,
        Secret token,
        @Nullable String address,
        int weight,
        Duration drainWait) {
    /** Where the token comes from, if not from a file; also with {@code _FILE}. */
    public static final String TOKEN_VARIABLE = "SLUICE_INSTANCE_REGISTRATION_TOKEN";

    /** Most requests take far less; what takes longer still has the instance's own drain. */
    private static final Duration DRAIN_WAIT = Duration.ofSeconds(5);

    private static final int MAX_WEIGHT = 1_000;

    public RegistrationSettings {
        proxies = List.copyOf(proxies);
    }

    /** Reads the section {@code registration}; empty when there is none. */
    public static Optional<RegistrationSettings> read(SettingsReader root) {
        SettingsReader reader = root.section("registration");
        if (!root.has("registration")) {
            return Optional.empty();
        }
        Optional<Secret> token = reader.secret("token", TOKEN_VARIABLE);
        if (token.isEmpty() && !reader.has("token") && !reader.has("token-file")) {
            reader.problem("token-file", null, "a file with the registration token of the pool");
        }
        return Optional.of(new RegistrationSettings(
                proxies(reader),
                reader.requiredText("pool"),
                token.orElseGet(() -> Secret.of("-")),
                reader.optionalText("address").orElse(null),
                reader.integer("weight", 1, 1, MAX_WEIGHT),
                reader.duration("drain-wait", DRAIN_WAIT, Duration.ZERO)));
    }

    private static List<URI> proxies(SettingsReader reader) {
        List<String> texts = reader.texts("proxies");
        List<URI> proxies = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            URI proxy = proxy(texts.get(i));
            if (proxy == null) {
                reader.problem("proxies[" + i + "]", texts.get(i), "the admin API of a proxy, http://host:port");
            } else {
                proxies.add(proxy);
            }
        }
        if (texts.isEmpty()) {
            reader.problem("proxies", null, "at least one admin API of a proxy, http://host:port");
        }
        return proxies;
    }

    private static @Nullable URI proxy(String text) {
        try {
            URI uri = new URI(text);
            boolean bare = uri.getPath() == null
                    || uri.getPath().isEmpty()
                    || uri.getPath().equals("/");
            return "http".equals(uri.getScheme()) && uri.getHost() != null && uri.getPort() > 0 && bare ? uri : null;
        } catch (URISyntaxException e) {
            return null;
        }
    }
}
