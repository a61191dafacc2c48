package io.sluice.nginx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.nginx.Finding.Kind;
import io.sluice.nginx.KnownDirectives.Support;
import io.sluice.nginx.syntax.ConfigurationException;
import io.sluice.nginx.syntax.ConfigurationReader;
import io.sluice.nginx.syntax.Directive;
import io.sluice.proxy.ConfiguredPool;
import io.sluice.proxy.ProxySettings;
import io.sluice.proxy.balance.Algorithm;
import io.sluice.proxy.health.ExpectedResponse;
import io.sluice.proxy.health.ProbeSettings;
import io.sluice.proxy.observe.AccessLogFormat;
import io.sluice.proxy.route.FileSettings;
import io.sluice.proxy.route.PathMatch;
import io.sluice.proxy.route.RedirectSettings;
import io.sluice.proxy.route.RespondSettings;
import io.sluice.proxy.route.Route;
import io.sluice.proxy.route.RouteSettings;
import io.sluice.proxy.route.RouteTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NginxImportTest {
    private static final Path SAMPLES = Path.of("src", "test", "resources", "nginx");
    private static final Path DOCUMENT = Path.of("..", "docs", "from-nginx.md");

    @TempDir
    private Path folder = Path.of("");

    private Imported imported = new Imported("", List.of());

    /** Imports a file and reads the result as the proxy would. */
    private ProxySettings settings(Path file) throws IOException {
        imported = NginxImport.read(file);
        return ProxySettings.read(Files.writeString(folder.resolve("proxy.yaml"), imported.yaml()), Map.of());
    }

    private ProxySettings settings(String text) throws IOException {
        return settings(Files.writeString(folder.resolve("nginx.conf"), text));
    }

    private ProxySettings server(String directives) throws IOException {
        return settings("upstream app { server a:1; server b:1; }\nserver { listen 80;\n" + directives + "\n}");
    }

    private List<String> leftOut() {
        return imported.of(Kind.LEFT_OUT).stream().map(Finding::shown).toList();
    }

    private List<String> differing() {
        return imported.of(Kind.DIFFERS).stream().map(Finding::shown).toList();
    }

    private static RouteSettings route(ProxySettings settings, String scheme, String host, String path) {
        Route route = new RouteTable(settings.routes()).match("GET", scheme, host, path);
        assertThat(route).as(scheme + "://" + host + path).isNotNull();
        return route == null ? settings.routes().get(0) : route.settings();
    }

    private static RouteSettings route(ProxySettings settings, String path) {
        return route(settings, "http", "any.example", path);
    }

    private static ConfiguredPool pool(ProxySettings settings, String name) {
        return settings.pools().stream()
                .filter(pool -> pool.pool().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void anOrdinaryLoadBalancerIsCarriedOverWhole() throws IOException {
        ProxySettings settings = settings(SAMPLES.resolve("load-balancer.conf"));

        assertThat(leftOut()).isEmpty();
        ConfiguredPool pool = pool(settings, "receivers");
        assertThat(pool.balance().algorithm()).isEqualTo(Algorithm.LEAST_CONNECTIONS);
        assertThat(pool.health().passive().maxFails()).isEqualTo(3);
        assertThat(pool.health().passive().failTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(pool.pool().backends()).hasSize(5);
        assertThat(pool.pool().backends().get(2).weight()).isEqualTo(2);
        assertThat(pool.pool().backends().get(3).maxInFlight()).isEqualTo(200);
        assertThat(pool.pool().backends().get(4).backup()).isTrue();
        RouteSettings webhook = route(settings, "/webhook/x");
        assertThat(webhook.timeouts().connect()).isEqualTo(Duration.ofSeconds(5));
        assertThat(webhook.timeouts().head()).isEqualTo(Duration.ofSeconds(10));
        assertThat(webhook.timeouts().total()).isEqualTo(Duration.ofSeconds(15));
        assertThat(webhook.retry().retryOn()).containsExactlyInAnyOrder(502, 503, 504);
        assertThat(webhook.retry().tries()).isEqualTo(3);
        assertThat(webhook.rules().rateLimits().get(0).delay()).isEqualTo(200);
        assertThat(webhook.maxBodyBytes()).isEqualTo(10 << 20);
        assertThat(webhook.rules().responseHeaders().added()).hasSize(2);
        assertThat(webhook.rules().compression()).isNotNull();
        assertThat(route(settings, "/events/1").upgrade()).isTrue();
        RouteSettings health = route(settings, "/nginx-health");
        assertThat(health.accessLog()).isFalse();
        assertThat(health.rules().answer())
                .isInstanceOfSatisfying(
                        RespondSettings.class,
                        answer -> assertThat(answer.body()).isEqualTo("healthy\n"));
        assertThat(route(settings, "/assets/x.js").rules().answer())
                .isInstanceOfSatisfying(FileSettings.class, files -> {
                    assertThat(files.root()).hasToString("/srv/www/assets");
                    assertThat(files.cacheControl()).isEqualTo("public, immutable, max-age=2592000");
                });
        assertThat(route(settings, "/webhook").rules().answer()).isInstanceOf(RedirectSettings.class);
        assertThat(route(settings, "/").rules().answer())
                .isInstanceOfSatisfying(
                        RespondSettings.class,
                        answer -> assertThat(answer.status()).isEqualTo(404));
    }

    @Test
    void aSiteInSeveralFilesKeepsItsServersApart() throws IOException {
        ProxySettings settings = settings(SAMPLES.resolve("site/nginx.conf"));

        assertThat(settings.listener().protocols().tls()).isNotNull().satisfies(tls -> {
            assertThat(tls.certificates().get(0).certificate()).hasToString("/etc/ssl/default.pem");
            assertThat(tls.certificates()).hasSize(2);
            assertThat(tls.protocols()).containsExactly("TLSv1.3", "TLSv1.2");
        });
        assertThat(route(settings, "https", "example.com", "/").pool()).isEqualTo("shop");
        assertThat(route(settings, "https", "example.com", "/graphql/q").maxBodyBytes())
                .isGreaterThan(1L << 40);
        assertThat(route(settings, "https", "example.com", "/actuator/env")
                        .rules()
                        .answer())
                .isInstanceOfSatisfying(
                        RespondSettings.class,
                        answer -> assertThat(answer.status()).isEqualTo(403));
        assertThat(route(settings, "https", "www.example.com", "/actuator")
                        .rules()
                        .answer())
                .isInstanceOf(RedirectSettings.class);
        assertThat(route(settings, "https", "unknown.example", "/").pool()).isEmpty();
        assertThat(route(settings, "http", "example.com", "/x").rules().answer())
                .isInstanceOfSatisfying(
                        RedirectSettings.class, to -> assertThat(to.status()).isEqualTo(301));
        assertThat(route(settings, "http", "example.com", "/.well-known/acme-challenge/t")
                        .rules()
                        .answer())
                .isInstanceOf(FileSettings.class);
        assertThat(leftOut())
                .anyMatch(line -> line.startsWith("conf.d/20-shop.conf:25 location ~* \\.(png|jpg)$"))
                .anyMatch(line -> line.startsWith("conf.d/20-shop.conf:31 allow 192.168.0.0/16"))
                .anyMatch(line -> line.startsWith("nginx.conf:10 ssl_protocols"));
    }

    @Test
    void everyDirectiveThatIsCarriedOverIsInASample() throws IOException {
        Set<String> carried = new TreeSet<>();
        for (String sample : List.of("load-balancer.conf", "site/nginx.conf", "everything.conf")) {
            Path file = SAMPLES.resolve(sample);
            settings(file);
            Set<String> uncarried = imported.findings().stream()
                    .filter(f -> f.kind() != Kind.DIFFERS)
                    .map(f -> f.directive().position() + f.directive().name())
                    .collect(Collectors.toSet());
            ConfigurationReader.read(file).stream()
                    .flatMap(Directive::withAllBelow)
                    .filter(d -> !uncarried.contains(d.position() + d.name()))
                    .forEach(d -> carried.add(d.name()));
        }
        Set<String> said = KnownDirectives.names().stream()
                .filter(name -> Set.of(Support.MAPPED, Support.INHERITED).contains(support(name)))
                .collect(Collectors.toCollection(TreeSet::new));
        // It is replaced by what it names.
        said.remove("include");

        assertThat(carried).containsAll(said);
    }

    private static Support support(String name) {
        KnownDirectives.Known known = KnownDirectives.find(name);
        return known == null ? Support.MISSING : known.support();
    }

    @Test
    void theDocumentHasTheDirectivesThatTheImporterKnows() throws IOException {
        Set<String> documented = new TreeSet<>();
        for (String line : Files.readAllLines(DOCUMENT)) {
            if (line.startsWith("| `")) {
                for (String name : line.substring(1, line.indexOf(" |", 2)).split("[^a-z0-9_]+", -1)) {
                    documented.add(name);
                }
            }
        }
        documented.remove("");

        assertThat(documented).isEqualTo(KnownDirectives.names());
    }

    @Test
    void aSiteOfLastResortIsAFallbackAndChecksLogAndHealthAreCarriedOver() throws IOException {
        ProxySettings settings = settings(SAMPLES.resolve("last-resort.conf"));

        RouteSettings all = route(settings, "http", "hooks.example.com", "/x");
        assertThat(all.pool()).isEqualTo("receivers");
        assertThat(all.rules().fallback()).isEqualTo("spare");
        assertThat(pool(settings, "spare").pool().backends()).hasSize(1);
        ProbeSettings probes = pool(settings, "receivers").health().probes();
        assertThat(probes.path()).isEqualTo("/health");
        assertThat(probes.interval()).isEqualTo(Duration.ofSeconds(3));
        assertThat(probes.fall()).isEqualTo(2);
        assertThat(probes.rise()).isEqualTo(3);
        assertThat(probes.expected()).isEqualTo(new ExpectedResponse(200, "ready"));
        assertThat(settings.accessLog().format()).isEqualTo(AccessLogFormat.COMBINED);
        assertThat(settings.accessLog().file()).isEqualTo(Path.of("/var/log/nginx/access.log"));
        RouteSettings health = route(settings, "http", "hooks.example.com", "/nginx-health");
        assertThat(health.rules().answer()).isInstanceOf(RespondSettings.class);
        assertThat(health.accessLog()).isFalse();
        assertThat(route(settings, "http", "hooks.example.com", "/nginx_status")
                        .rules()
                        .answer())
                .isInstanceOf(RespondSettings.class);
        assertThat(leftOut())
                .hasSize(2)
                .anyMatch(line -> line.contains("error_page 404"))
                .anyMatch(line -> line.contains("stub_status") && line.contains("/metrics"));
        assertThat(differing()).anyMatch(line -> line.contains("error_page 502 503 = @spare"));
    }

    @Test
    void whatIsNoFallbackAndNoExpectedAnswerIsListed() throws IOException {
        ProxySettings settings = settings("""
                match odd { status 200-399; header Content-Type = text/html; body ~ "a.*b"; }
                upstream app { server a:1; }
                server {
                    listen 80;
                    location / {
                        proxy_pass http://app;
                        health_check uri=/h match=odd;
                        error_page 503 @page;
                        error_page 500 = @other;
                    }
                    location /two { proxy_pass http://app; error_page 503 = @same; health_check uri=/h match=none; }
                    location @page { return 503; }
                    location @other { proxy_pass http://b:1; }
                    location @same { proxy_pass http://app; }
                }
                access_log /tmp/log own;
                log_format own '$status';
                """);

        assertThat(route(settings, "/").rules().fallback()).isEmpty();
        assertThat(route(settings, "/two").rules().fallback()).isEmpty();
        assertThat(pool(settings, "app").health().probes().expected()).isEqualTo(new ExpectedResponse(0, ""));
        assertThat(settings.accessLog().format()).isEqualTo(AccessLogFormat.JSON);
        for (String line : List.of(
                "status 200-399",
                "header Content-Type",
                "body ~ a.*b",
                "error_page 503 @page",
                "error_page 500 = @other",
                "error_page 503 = @same",
                "match=none")) {
            assertThat(leftOut()).as(line).anyMatch(each -> each.contains(line));
        }
    }

    @Test
    void nothingIsDroppedWithoutAWord() throws IOException {
        server("location / { proxy_pass http://app; frobnicate on; lua_thing { x; y { z; } } }");

        assertThat(leftOut())
                .containsExactly(
                        "nginx.conf:3 frobnicate on: not a directive that the importer knows",
                        "nginx.conf:3 lua_thing: not a directive that the importer knows");
        assertThat(imported.isComplete()).isFalse();
        assertThat(imported.yaml()).contains("#   nginx.conf:3 frobnicate on: not a directive");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "auth_basic secret; proxy_pass http://app;",
                "auth_request /auth; proxy_pass http://app;",
                "allow 10.0.0.0/8; deny all; proxy_pass http://app;",
                "deny 1.2.3.4; proxy_pass http://app;",
                "satisfy any; allow 127.0.0.1; deny all; auth_basic x; root /srv;",
                "proxy_pass https://$somewhere;",
                "proxy_pass http://app; rewrite ^/x/(\\d+)$ /$1 break;",
                "proxy_pass http://app; rewrite ^/y/(.*)$ /$1 break;",
                "proxy_pass http://app; rewrite ^/x/(.*)$ /$1 last;",
                "proxy_pass http://app/a//b;",
                "set $b app; proxy_pass http://$b/fixed;",
                "fastcgi_pass unix:/run/php.sock;",
                "uwsgi_pass app:1;",
                "internal; proxy_pass http://app;",
                "content_by_lua_block { ngx.say(1) }"
            })
    void whatCannotBeCarriedOverIsClosedAndKeepsItsPlace(String directives) throws IOException {
        ProxySettings settings = server("location / { proxy_pass http://app; } location /x/ { " + directives + " }");

        assertThat(route(settings, "/x/y").rules().answer())
                .isInstanceOfSatisfying(
                        RespondSettings.class,
                        answer -> assertThat(answer.status()).isIn(403, 404, 503));
        assertThat(route(settings, "/").pool()).isEqualTo("app");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    deny 1.2.3.4;    | allow all;           | true
                    deny all;        | allow all; deny all; | true
                    allow all;       | deny all;            | false
                    deny all;        | allow 10.0.0.0/8;    | true
                    allow 10.0.0.1;  | deny 10.0.0.2;       | false
                    deny all;        | limit_rate 0;        | false
                    """)
    void theRulesOfAPlaceReplaceThoseAroundIt(String around, String own, boolean open) throws IOException {
        ProxySettings settings = server(around + " location /x/ { " + own + " proxy_pass http://app; }");

        assertThat(route(settings, "/x/").pool().equals("app")).isEqualTo(open);
    }

    @Test
    void aCheckOfTheWholeServerClosesAllOfIt() throws IOException {
        ProxySettings settings = server(
                "auth_basic x; location / { proxy_pass http://app; } location /open { auth_basic off; proxy_pass http://app; }");

        assertThat(route(settings, "/").pool()).isEmpty();
        assertThat(route(settings, "/open").pool()).isEqualTo("app");
        assertThat(leftOut()).anyMatch(line -> line.contains("auth_basic x") && line.contains("CLOSED"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
                    ~ ^/api/           ; /api/x   ; true
                    ~ ^/api/           ; /apix    ; false
                    ~ ^/api/.*$        ; /api/x   ; true
                    ~ ^/v1/(a|b)/      ; /v1/b/x  ; true
                    ~ ^/v1/(a|b)/      ; /v1/c/x  ; false
                    ~ ^/exact$         ; /exact   ; true
                    ~ ^/exact$         ; /exact/x ; false
                    ~ ^/exact/?$       ; /exact/  ; true
                    ~ ^/dot\\.txt$     ; /dot.txt ; true
                    ~* ^/any/          ; /any/x   ; true
                    ~ \\.php$          ; /x.php   ; false
                    ~ ^/a[0-9]+/       ; /a1/     ; false
                    ~ ^/a.c/           ; /abc/    ; false
                    =/eq               ; /eq      ; true
                    ^~ /caret/         ; /caret/x ; true
                    /plain             ; /plain/x ; true
                    """)
    void locationsBecomePathsWhereTheyAreSome(String location, String path, boolean matches) throws IOException {
        ProxySettings settings = server("location " + location + " { proxy_pass http://app; }");

        assertThat(route(settings, path).pool().isEmpty()).isNotEqualTo(matches);
        boolean mapped =
                settings.routes().stream().anyMatch(route -> !route.pool().isEmpty());
        assertThat(imported.isComplete()).isEqualTo(mapped);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
                    return 301 https://$host$request_uri              ; https://$host       ; 301 ; true  ; true
                    return 302 https://b.example/x                    ; https://b.example/x ; 302 ; false ; false
                    return https://b.example                          ; https://b.example   ; 302 ; false ; false
                    return 308 $scheme://b.example$request_uri        ; http://b.example    ; 308 ; true  ; true
                    return 301 https://$host:8443$uri$is_args$args    ; https://$host:8443  ; 301 ; true  ; true
                    return 307 /new                                   ; /new                ; 307 ; false ; false
                    rewrite ^ https://$host$request_uri? permanent    ; https://$host       ; 301 ; true  ; true
                    rewrite ^/(.*)$ https://b.example/$1 redirect     ; https://b.example   ; 302 ; true  ; true
                    rewrite ^(.*)$ https://b.example$1 permanent      ; https://b.example   ; 301 ; true  ; true
                    """)
    void redirectsAreCarriedOver(String directive, String to, int status, boolean keepPath, boolean keepQuery)
            throws IOException {
        ProxySettings settings = server("location / { " + directive + "; }");

        assertThat(leftOut()).isEmpty();
        assertThat(route(settings, "/x").rules().answer()).isInstanceOfSatisfying(RedirectSettings.class, redirect -> {
            assertThat(redirect.status()).isEqualTo(status);
            assertThat(redirect.keepPath()).isEqualTo(keepPath);
            assertThat(redirect.keepQuery()).isEqualTo(keepQuery);
        });
        assertThat(imported.yaml()).contains("to: " + (to.startsWith("/") ? to : '"' + to + '"') + "\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "return 301 https://$cookie_x/",
                "return 303 /x",
                "return 301 https://b.example/x?y=z",
                "return 200 $remote_addr",
                "rewrite ^/(\\d+)$ /n/$1 permanent"
            })
    void redirectsThatCannotBeSaidAreClosed(String directive) throws IOException {
        ProxySettings settings = server("location / { " + directive + "; }");

        assertThat(route(settings, "/x").rules().answer())
                .isInstanceOfSatisfying(
                        RespondSettings.class,
                        answer -> assertThat(answer.status()).isEqualTo(503));
        assertThat(leftOut()).hasSize(1);
    }

    @Test
    void rewritesOfAPathAreRoutesOfTheirOwn() throws IOException {
        ProxySettings settings = server(
                "rewrite ^/old/(.*)$ /new/$1 permanent; rewrite ^/a$ /b redirect; location / { proxy_pass http://app; }");

        assertThat(route(settings, "/old/x").rules().answer())
                .isInstanceOfSatisfying(
                        RedirectSettings.class,
                        redirect -> assertThat(redirect.keepPath()).isTrue());
        assertThat(route(settings, "/a").pathMatch()).isEqualTo(PathMatch.EXACT);
        assertThat(route(settings, "/b").pool()).isEqualTo("app");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
                    ($scheme = http)                     ; http  ; true
                    ($scheme != "https")                 ; http  ; true
                    ($scheme != "https")                 ; https ; false
                    ($https = "")                        ; http  ; true
                    ($http_x_forwarded_proto = 'http')   ; http  ; true
                    ($http_x_forwarded_proto != 'https') ; https ; false
                    ($server_port = 80)                  ; http  ; true
                    """)
    void redirectsByScheme(String condition, String scheme, boolean redirected) throws IOException {
        ProxySettings settings = settings(
                "upstream app { server a:1; }\nserver { listen 80; listen 443 ssl; ssl_certificate c; ssl_certificate_key k;\n"
                        + "if " + condition
                        + " { return 301 https://$host$request_uri; }\nlocation / { proxy_pass http://app; } }");

        assertThat(route(settings, scheme, "x.example", "/").pool().isEmpty()).isEqualTo(redirected);
        assertThat(leftOut()).isEmpty();
    }

    @Test
    void otherConditionsAreLeftOutWithWhatTheyContain() throws IOException {
        server("location / { if ($request_method = POST) { return 405; } proxy_pass http://app; }");

        assertThat(leftOut())
                .singleElement()
                .asString()
                .startsWith("nginx.conf:3 if ($request_method = POST): conditions");
    }

    @Test
    void aServersRequestsDoNotFallThroughToAnotherServer() throws IOException {
        ProxySettings settings = settings("""
                upstream app { server a:1; }
                server { listen 80; server_name one.example; location /a/ { proxy_pass http://app; } }
                server { listen 80 default_server; location / { proxy_pass http://app; } }
                server { listen 80; server_name *.wild.example; return 204; }""");

        assertThat(route(settings, "http", "one.example", "/b").pool()).isEmpty();
        assertThat(route(settings, "http", "two.example", "/b").pool()).isEqualTo("app");
        assertThat(route(settings, "http", "x.wild.example", "/b").pool()).isEmpty();
    }

    @Test
    void theDefaultServerKeepsItsNameFromAnothersWildcard() throws IOException {
        ProxySettings settings = settings("""
                upstream app { server a:1; }
                server { listen 80; server_name a.example.com; location / { proxy_pass http://app; } }
                server { listen 80; server_name *.example.com; return 404; }""");

        assertThat(route(settings, "http", "a.example.com", "/").pool()).isEqualTo("app");
        assertThat(route(settings, "http", "b.example.com", "/").pool()).isEmpty();
        assertThat(route(settings, "http", "c.example", "/").pool()).isEqualTo("app");
    }

    @Test
    void portsThatTheProxyDoesNotHaveAreLeftOut() throws IOException {
        ProxySettings settings = settings(
                "server { listen 80; return 204; }\nserver { listen 8081; return 204; }\nserver { listen unix:/x; }");

        assertThat(settings.routes()).hasSize(1);
        assertThat(leftOut())
                .anyMatch(line -> line.startsWith("nginx.conf:2 listen 8081"))
                .anyMatch(line -> line.startsWith("nginx.conf:2 server"))
                .anyMatch(line -> line.startsWith("nginx.conf:3 listen unix:/x"));
    }

    @Test
    void theProxyProtocolNeedsThoseWhoMaySendIt() throws IOException {
        ProxySettings open = settings("server { listen 80 proxy_protocol; return 204; }");
        assertThat(open.listener().protocols().proxyProtocol()).isFalse();
        assertThat(leftOut()).hasSize(1);

        ProxySettings trusted = settings(
                "server { listen 80 proxy_protocol; set_real_ip_from 10.0.0.0/8; real_ip_header proxy_protocol; return 204; }");
        assertThat(trusted.listener().protocols().proxyProtocol()).isTrue();
        assertThat(leftOut()).isEmpty();
    }

    @Test
    void whatOneNameDemandsOfClientCertificatesHoldsForAll() throws IOException {
        String certificate = "ssl_certificate c; ssl_certificate_key k;";
        ProxySettings settings = settings("server { listen 443 ssl; server_name a; " + certificate + " return 204; }\n"
                + "server { listen 443 ssl; server_name b; " + certificate
                + " ssl_verify_client on; ssl_client_certificate ca; return 204; }");

        assertThat(imported.yaml()).contains("client-auth: required");
        assertThat(settings.listener().protocols().tls()).isNotNull();
        assertThat(leftOut()).anyMatch(line -> line.contains("ssl_verify_client on"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
                    hash $remote_addr consistent  ; client-ip      ; true
                    hash $http_x_user consistent  ; header:x-user  ; true
                    hash $cookie_sid consistent   ; cookie:sid     ; true
                    hash $arg_key                 ; query:key      ; true
                    hash $request_uri consistent  ; NONE           ; false
                    ip_hash                       ; client-ip      ; true
                    """)
    void hashesGoByWhatThePoolCanGoBy(String directive, String key, boolean complete) throws IOException {
        ProxySettings settings = settings(
                "upstream app { " + directive + "; server a:1; }\nserver { location / { proxy_pass http://app; } }");

        assertThat(pool(settings, "app").balance().hashKey().toString()).isEqualToIgnoringCase(key);
        assertThat(imported.isComplete()).isEqualTo(complete);
    }

    @Test
    void nothingOfWhatNginxDoesByItselfIsLost() throws IOException {
        ProxySettings settings = settings("server { location / { proxy_pass http://127.0.0.1:9000; } }");

        RouteSettings route = route(settings, "/");
        assertThat(route.timeouts().head()).isEqualTo(Duration.ofMinutes(1));
        assertThat(route.timeouts().total()).isGreaterThanOrEqualTo(Duration.ofMinutes(2));
        assertThat(route.retry().retryOn()).isEmpty();
        assertThat(route.hostHeader().name()).isEqualTo("BACKEND");
        assertThat(pool(settings, "127.0.0.1-9000").balance().algorithm()).isEqualTo(Algorithm.ROUND_ROBIN);
        assertThat(pool(settings, "127.0.0.1-9000").health().passive().maxFails())
                .isEqualTo(1);
        assertThat(differing()).isEmpty();
    }

    @Test
    void retriesOfWhatMustNotBeRepeatedAreNotCarriedOver() throws IOException {
        server(
                "location / { proxy_pass http://app; proxy_next_upstream error timeout non_idempotent http_404 http_500; }");

        assertThat(leftOut())
                .anyMatch(line ->
                        line.contains("non_idempotent: a POST may be repeated where senders mark each delivery"))
                .anyMatch(line -> line.contains("http_404: only 5xx are retried"));
        assertThat(imported.yaml()).contains("retry-on: [\"500\"]");
    }

    @Test
    void aTryOfFilesBeforeANamedLocationForwardsEverything() throws IOException {
        ProxySettings settings =
                server("root /srv; location / { try_files $uri @app; } location @app { proxy_pass http://app; }");

        assertThat(route(settings, "/x").pool()).isEqualTo("app");
        assertThat(leftOut()).singleElement().asString().contains("files are not looked for first");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
                    /api/ ; proxy_pass http://app/                                     ; /api/x ; /x
                    /api  ; proxy_pass http://app/v1                                   ; /api/x ; /v1/x
                    /api  ; proxy_pass http://app/                                     ; /api/x ; /x
                    =/api ; proxy_pass http://app/status                               ; /api   ; /status
                    /api/ ; proxy_pass http://app/api/                                 ; /api/x ; /api/x
                    /api/ ; proxy_pass http://app # rewrite ^/api/(.*)$ /v2/$1 break  ; /api/x ; /v2/x
                    /api  ; proxy_pass http://app # rewrite ^/api(/.*)$ $1 break      ; /api/x ; /x
                    /api/ ; proxy_pass http://app # rewrite ^/api/?(.*)$ /$1 break    ; /api/x ; /x
                    """)
    void pathsForBackendsAreCarriedOver(String location, String directives, String path, String seen)
            throws IOException {
        ProxySettings settings = server("location " + location + " { " + directives.replace('#', ';') + "; }");

        assertThat(leftOut()).isEmpty();
        Route route = new RouteTable(settings.routes()).match("GET", "http", "any", path);
        assertThat(route)
                .isNotNull()
                .satisfies(r -> assertThat(r.rewritten(path)).isEqualTo(seen));
    }

    @Test
    void backendsAreSpokenToWithTlsAsNginxDoes() throws IOException {
        ProxySettings settings = server(
                "location / { proxy_pass https://app; } location /a/ { proxy_pass https://b.example; proxy_ssl_verify on;"
                        + " proxy_ssl_trusted_certificate /ca.pem; }");

        assertThat(leftOut()).isEmpty();
        assertThat(differing()).anyMatch(line -> line.contains("proxy_pass https://app: tls.verify: false"));
        assertThat(settings.pools())
                .extracting(pool -> pool.pool().name())
                .containsExactly("app-tls", "b.example-443-tls");
        assertThat(imported.yaml()).contains("verify: false", "ca: /ca.pem", "address: \"b.example:443\"");
    }

    @Test
    void constantsArePutInWhereVariablesStand() throws IOException {
        ProxySettings settings = server("set $backend app; location / { proxy_pass http://$backend; }");

        assertThat(route(settings, "/").pool()).isEqualTo("app");
        assertThat(leftOut()).isEmpty();
    }

    @Test
    void commentsCannotBeBrokenOutOf() throws IOException {
        server("location / { return 200 ok; } bogus \"x\nlistener: { port: 1 }\n\";");

        assertThat(imported.yaml().lines().filter(line -> line.contains("port: 1 }")))
                .allMatch(line -> line.startsWith("#"));
    }

    @Test
    void aFileWithoutServersIsRefused() {
        assertThatThrownBy(() -> settings("events {} http { }"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("no server block");
    }

    /** Whatever the file says, the proxy reads what is written, and each directive is used or found. */
    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void whateverIsWrittenIsRead(long seed) throws IOException {
        Random random = new Random(seed);
        List<String> known = new ArrayList<>(KnownDirectives.names());
        // Most of them are passed over; those that are not should come more often.
        List<String> mapped = known.stream()
                .filter(name -> Set.of(Support.MAPPED, Support.INHERITED).contains(support(name)))
                .toList();
        for (int i = 0; i < 6; i++) {
            known.addAll(mapped);
        }
        String[] names = known.toArray(String[]::new);
        String[] values = {
            "on",
            "off",
            "10",
            "0",
            "-1",
            "1m",
            "99999999999999999999",
            "/x",
            "/x/",
            "http://app",
            "http://a:1/y",
            "https://a",
            "$host",
            "$x",
            "\"\"",
            "\"a b\"",
            "~",
            "=",
            "@n",
            "\u00e9",
            "zone=z:1m",
            "rate=5r/s",
            "burst=3",
            "weight=0",
            "10.0.0.0/8",
            "80",
            "[::]:443",
            "ssl",
            "all",
            "X-A",
            "\"\\n\"",
            "301",
            "text/html",
            "..",
            "//",
            "*",
            "_",
            "a.example",
            "*.b.example",
            "max",
            "{",
            "cookie",
            "consistent",
            "max_fails=x"
        };
        for (int i = 0; i < 40; i++) {
            StringBuilder text = new StringBuilder("http { upstream app { server a:1; ");
            lines(random, names, values, 6, text);
            text.append("}\n server { listen 80; ");
            lines(random, names, values, 12, text);
            text.append("location / { proxy_pass http://app; ");
            lines(random, names, values, 12, text);
            text.append("}\n } ");
            lines(random, names, values, 8, text);
            text.append("}");
            try {
                settings(text.toString());
            } catch (ConfigurationException refused) {
                assertThat(refused).hasMessageContaining("nginx.conf");
            } catch (RuntimeException e) {
                throw new AssertionError(text.toString(), e);
            }
        }
    }

    private static void lines(Random random, String[] names, String[] values, int most, StringBuilder text) {
        for (int i = random.nextInt(most); i > 0; i--) {
            text.append(names[random.nextInt(names.length)]);
            for (int n = random.nextInt(4); n > 0; n--) {
                String value = values[random.nextInt(values.length)];
                text.append(' ').append(value.equals("{") ? "x" : value);
            }
            text.append(random.nextInt(12) == 0 ? " { }\n" : ";\n");
        }
    }
}
