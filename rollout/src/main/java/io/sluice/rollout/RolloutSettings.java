package io.sluice.rollout;

import io.sluice.rollout.api.RolloutDefaults;
import io.sluice.rollout.catchup.CatchUpSettings;
import io.sluice.rollout.driver.EngineSettings;
import io.sluice.service.admin.AdminSettings;
import io.sluice.service.log.LogSettings;
import io.sluice.service.settings.Secret;
import io.sluice.service.settings.SettingsDocument;
import io.sluice.service.settings.SettingsReader;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the engine is told at its start.
 *
 * @param listen where its own API listens
 * @param data folder of its journal and documents
 * @param proxies admin URLs of the proxies in front of the instances; one for now
 * @param proxyToken for calls to the proxies
 * @param instanceToken for calls to the instances
 * @param callTimeout for one call to a proxy or an instance, and for connecting to it
 * @param maxAway an engine that was away for longer does not go on forward by itself
 */
public record RolloutSettings(
        AdminSettings listen,
        Path data,
        List<String> proxies,
        @Nullable Secret proxyToken,
        @Nullable Secret instanceToken,
        Duration callTimeout,
        RolloutDefaults defaults,
        Duration maxAway,
        CatchUpSettings catchUp,
        LogSettings log) {
    public static final int DEFAULT_PORT = 9510;
    public static final String DEFAULT_DATA = "data/rollout";
    public static final String DEFAULT_PROXY = "http://127.0.0.1:9500";

    /** Admin calls take milliseconds; an instance that validates a large document or pauses for its collector gets this long. */
    public static final Duration DEFAULT_CALL_TIMEOUT = Duration.ofSeconds(5);

    /** Variables {@code SLUICE_ROLLOUT_…} override the file, as in {@code SLUICE_ROLLOUT_LISTEN_PORT}. */
    public static final String ENVIRONMENT_PREFIX = "SLUICE_ROLLOUT";

    public static final String TOKEN_VARIABLE = "SLUICE_ROLLOUT_TOKEN";
    public static final String PROXY_TOKEN_VARIABLE = "SLUICE_PROXY_TOKEN";
    public static final String INSTANCE_TOKEN_VARIABLE = "CONFIG_RELOAD_ADMIN_TOKEN";

    public RolloutSettings {
        proxies = List.copyOf(proxies);
        if (proxies.size() != 1) {
            throw new IllegalArgumentException("proxies: " + proxies.size() + " (expected: one URL)");
        }
    }

    /**
     * Reads the file, with the environment over it.
     *
     * @throws io.sluice.service.settings.InvalidSettingsException with everything that is wrong
     */
    public static RolloutSettings read(Path file, Map<String, String> environment) {
        return of(SettingsDocument.read(file, environment, ENVIRONMENT_PREFIX));
    }

    static RolloutSettings of(SettingsDocument document) {
        SettingsReader root = document.root();
        AdminSettings listen = AdminSettings.read(root.section("listen"), DEFAULT_PORT, TOKEN_VARIABLE);
        String data = root.text("data", DEFAULT_DATA);
        List<String> proxies = proxies(root);
        @Nullable
        Secret proxyToken = root.secret("proxy-token", PROXY_TOKEN_VARIABLE).orElse(null);
        @Nullable
        Secret instanceToken =
                root.secret("instance-token", INSTANCE_TOKEN_VARIABLE).orElse(null);
        Duration callTimeout = root.duration("call-timeout", DEFAULT_CALL_TIMEOUT, Duration.ofMillis(10));
        RolloutDefaults defaults = RolloutDefaults.read(root.section("defaults"));
        Duration maxAway =
                root.section("recovery").duration("max-away", EngineSettings.DEFAULT_MAX_AWAY, Duration.ZERO);
        CatchUpSettings catchUp = CatchUpSettings.read(root.section("catch-up"));
        LogSettings log = LogSettings.read(root.section("log"));
        document.finish();
        return new RolloutSettings(
                listen,
                Path.of(data),
                proxies,
                proxyToken,
                instanceToken,
                callTimeout,
                defaults,
                maxAway,
                catchUp,
                log);
    }

    private static List<String> proxies(SettingsReader root) {
        List<String> urls = root.texts("proxies").isEmpty() ? List.of(DEFAULT_PROXY) : root.texts("proxies");
        if (urls.size() != 1) {
            root.problem("proxies", urls, "a list of one URL");
        }
        for (String url : urls) {
            if (!isHttp(url)) {
                root.problem("proxies", url, "a URL such as " + DEFAULT_PROXY);
            }
        }
        return urls;
    }

    private static boolean isHttp(String url) {
        try {
            URI uri = URI.create(url);
            return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) && uri.getHost() != null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
