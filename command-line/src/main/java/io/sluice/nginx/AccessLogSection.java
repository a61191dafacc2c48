package io.sluice.nginx;

import io.sluice.nginx.syntax.Directive;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The section {@code access-log}: one log for all routes. */
record AccessLogSection(List<VirtualServer> servers, Scope http, Path folder) {
    /** What nginx writes where nothing else is said. */
    private static final String COMBINED_NAME = "combined";

    private static final String COMBINED =
            "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent"
                    + " \"$http_referer\" \"$http_user_agent\"";

    YamlMap read() {
        Directive chosen = null;
        for (VirtualServer server : servers) {
            for (Directive log : everywhere(server)) {
                chosen = chosen == null ? first(log) : compare(log, chosen);
            }
        }
        boolean combined = chosen != null && isCombined(chosen);
        for (Directive format : http.takeOwn("log_format")) {
            if (!combined || chosen == null || !format.argument(0).equals(formatName(chosen))) {
                http.findings()
                        .differs(
                                format,
                                combined
                                        ? "lines of the access log are in the combined format"
                                        : "lines of the access log are JSON with fields of their own");
            }
        }
        return new YamlMap()
                .put("format", combined ? COMBINED_NAME : null)
                .put(
                        "file",
                        chosen == null
                                ? null
                                : folder.resolve(chosen.argument(0)).toString());
    }

    private List<Directive> everywhere(VirtualServer server) {
        List<Directive> logs = new ArrayList<>(server.scope().takeAll("access_log"));
        server.block()
                .withAllBelow()
                .filter(d -> d.is("location"))
                .forEach(location -> logs.addAll(server.scope().inner(location).takeOwn("access_log")));
        return logs;
    }

    private @Nullable Directive first(Directive log) {
        String target = log.argument(0);
        http.findings().used(log);
        if (target.equals("off")) {
            return null;
        }
        if (target.startsWith("syslog:") || target.contains("$") || target.startsWith("memory:")) {
            http.findings().leftOut(log, "the access log is a file, or lines of the program's own log");
            return null;
        }
        log.arguments().stream()
                .filter(a -> a.startsWith("if="))
                .forEach(a -> http.findings()
                        .leftOut(log, a + ": every request of a route is logged, or none (access-log: false)"));
        return log;
    }

    private Directive compare(Directive log, Directive chosen) {
        String file = chosen.argument(0);
        if (!log.argument(0).equals("off") && !log.argument(0).equals(file)) {
            http.findings().differs(log, "one access log for all, " + file + "; its lines name the route");
        }
        return chosen;
    }

    private boolean isCombined(Directive log) {
        String name = formatName(log);
        return name.equals(COMBINED_NAME)
                || http.own("log_format").stream()
                        .anyMatch(format ->
                                format.argument(0).equals(name) && text(format).equals(COMBINED));
    }

    private static String formatName(Directive log) {
        return log.arguments().stream()
                .skip(1)
                .filter(argument -> argument.indexOf('=') < 0)
                .findFirst()
                .orElse(COMBINED_NAME);
    }

    private static String text(Directive format) {
        StringBuilder text = new StringBuilder();
        format.arguments().stream()
                .skip(1)
                .filter(argument -> !argument.startsWith("escape="))
                .forEach(text::append);
        return text.toString();
    }
}
