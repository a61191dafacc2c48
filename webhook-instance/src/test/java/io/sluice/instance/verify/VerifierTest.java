package io.sluice.instance.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.instance.configuration.HmacAlgorithm;
import io.sluice.instance.configuration.Scheme;
import io.sluice.instance.configuration.SignatureEncoding;
import io.sluice.instance.configuration.Verification;
import io.sluice.service.settings.Secret;
import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class VerifierTest {
    private static final byte[] BODY = "{\"a\":1}".getBytes(StandardCharsets.UTF_8);
    private static final String GITHUB_HEX = "d42927434049e0b8c73ce887062238cc1c6bb6644bfe66e66d8dd0f30b85679e";
    private static final String SHOPIFY_BASE64 = "uSYQxPjKt7a+zlt/xKvQhcb5iBCjS59i/il90hjn0nE=";
    private static final Scheme.Hmac GITHUB = hmac("X-Hub-Signature-256", SignatureEncoding.HEX, "sha256=", "s3cr3t");
    private static final Scheme.Hmac PLAIN = hmac("X-HMAC-Signature", SignatureEncoding.HEX, "", "s3cr3t");

    @Test
    void acceptsWhatGithubSends() {
        assertThat(check(GITHUB, "X-Hub-Signature-256", "sha256=" + GITHUB_HEX)).isEmpty();
    }

    @Test
    void acceptsBase64() {
        Scheme.Hmac shopify = hmac("X-Shopify-Hmac-SHA256", SignatureEncoding.BASE64, "", "shopsecret");

        assertThat(check(shopify, "x-shopify-hmac-sha256", SHOPIFY_BASE64)).isEmpty();
    }

    @Test
    void acceptsTheAlgorithmBeforeTheValueOrNotWhenNoPrefixIsConfigured() {
        assertThat(check(PLAIN, "X-HMAC-Signature", GITHUB_HEX)).isEmpty();
        assertThat(check(PLAIN, "X-HMAC-Signature", "sha256=" + GITHUB_HEX)).isEmpty();
        assertThat(check(PLAIN, "X-HMAC-Signature", "sha1=" + GITHUB_HEX)).contains(new Rejection("hmac", "malformed"));
    }

    @Test
    void everyFlippedCharacterOfASignatureIsRejected() {
        for (int i = 0; i < GITHUB_HEX.length(); i++) {
            char flipped = GITHUB_HEX.charAt(i) == '0' ? '1' : '0';
            String forged = GITHUB_HEX.substring(0, i) + flipped + GITHUB_HEX.substring(i + 1);

            assertThat(check(GITHUB, "X-Hub-Signature-256", "sha256=" + forged))
                    .contains(new Rejection("hmac", "mismatch"));
        }
    }

    @Test
    void everyFlippedByteOfTheBodyIsRejected() {
        for (int i = 0; i < BODY.length; i++) {
            byte[] forged = BODY.clone();
            forged[i] ^= 1;

            assertThat(Verifier.check(all(GITHUB), headers("X-Hub-Signature-256", "sha256=" + GITHUB_HEX), forged))
                    .contains(new Rejection("hmac", "mismatch"));
        }
    }

    @Test
    void withoutThePrefixOrWithAnotherLengthTheSignatureIsMalformed() {
        assertThat(check(GITHUB, "X-Hub-Signature-256", GITHUB_HEX)).contains(new Rejection("hmac", "malformed"));
        assertThat(check(GITHUB, "X-Hub-Signature-256", "sha256=" + GITHUB_HEX.substring(2)))
                .contains(new Rejection("hmac", "malformed"));
        assertThat(check(GITHUB, "X-Hub-Signature-256", "sha256=")).contains(new Rejection("hmac", "malformed"));
        assertThat(check(GITHUB, "X-Hub-Signature-256", "")).contains(new Rejection("hmac", "malformed"));
    }

    @Test
    void aSignatureHeaderThatComesTwiceIsRejectedEvenWhenBothAreRight() {
        MultiMap headers = headers("X-Hub-Signature-256", "sha256=" + GITHUB_HEX)
                .add("X-Hub-Signature-256", "sha256=" + GITHUB_HEX);

        assertThat(Verifier.check(all(GITHUB), headers, BODY)).contains(new Rejection("hmac", "repeated"));
    }

    @Test
    void oneOfSeveralSignaturesIsEnoughButNotOfSeventeen() {
        String wrong = "0".repeat(64);
        String sixteen = String.join(", ", Collections.nCopies(15, wrong)) + "," + GITHUB_HEX;

        assertThat(check(PLAIN, "X-HMAC-Signature", sixteen)).isEmpty();
        assertThat(check(PLAIN, "X-HMAC-Signature", wrong + "," + sixteen)).contains(new Rejection("hmac", "too-many"));
    }

    @Test
    void everySecretOfARotationIsGood() {
        Scheme.Hmac rotating = hmac("X-HMAC-Signature", SignatureEncoding.HEX, "", "newer", "s3cr3t");

        assertThat(check(rotating, "X-HMAC-Signature", GITHUB_HEX)).isEmpty();
    }

    @Test
    void bearerTokensAreComparedWholeAndTheSchemeNameInAnyCase() {
        Scheme.BearerToken scheme = new Scheme.BearerToken(List.of(Secret.of("old"), Secret.of("token")));

        assertThat(check(scheme, "Authorization", "bEARER token")).isEmpty();
        assertThat(check(scheme, "Authorization", "Bearer toke")).contains(new Rejection("bearer", "mismatch"));
        assertThat(check(scheme, "Authorization", "token")).contains(new Rejection("bearer", "malformed"));
        assertThat(check(scheme, "X-Other", "token")).contains(new Rejection("bearer", "missing"));
    }

    @Test
    void theAuthorizationHeaderIsComparedLiterally() {
        Scheme.AuthorizationHeader scheme = new Scheme.AuthorizationHeader(List.of(Secret.of("Bearer abc")));

        assertThat(check(scheme, "Authorization", "Bearer abc")).isEmpty();
        assertThat(check(scheme, "Authorization", "bearer abc")).contains(new Rejection("authorization", "mismatch"));
    }

    @Test
    void allMeansEachAndAnyMeansOne() {
        Scheme token = new Scheme.BearerToken(List.of(Secret.of("token")));
        MultiMap signedOnly = headers("X-Hub-Signature-256", "sha256=" + GITHUB_HEX);

        assertThat(Verifier.check(all(GITHUB, token), signedOnly, BODY)).contains(new Rejection("bearer", "missing"));
        assertThat(Verifier.check(any(token, GITHUB), signedOnly, BODY)).isEmpty();
        assertThat(Verifier.check(any(token, GITHUB), headers("X-Other", ""), BODY))
                .isPresent();
        assertThat(Verifier.check(Verification.NONE, headers("X-Other", ""), BODY))
                .isEmpty();
    }

    @Test
    void beforeTheBodyOnlyWhatIsCertainIsRejected() {
        Scheme token = new Scheme.BearerToken(List.of(Secret.of("token")));
        MultiMap signedOnly = headers("X-Hub-Signature-256", "sha256=" + "0".repeat(64));

        assertThat(Verifier.checkBeforeBody(all(GITHUB), signedOnly)).isEmpty();
        assertThat(Verifier.checkBeforeBody(all(GITHUB), headers("X-Other", "")))
                .contains(new Rejection("hmac", "missing"));
        assertThat(Verifier.checkBeforeBody(all(GITHUB, token), signedOnly)).isPresent();
        assertThat(Verifier.checkBeforeBody(any(GITHUB, token), signedOnly)).isEmpty();
    }

    private static Optional<Rejection> check(Scheme scheme, String header, String value) {
        return Verifier.check(all(scheme), headers(header, value), BODY);
    }

    private static Verification all(Scheme... schemes) {
        return new Verification(Verification.Rule.ALL, List.of(schemes));
    }

    private static Verification any(Scheme... schemes) {
        return new Verification(Verification.Rule.ANY, List.of(schemes));
    }

    private static MultiMap headers(String name, String value) {
        return MultiMap.caseInsensitiveMultiMap().add(name, value);
    }

    private static Scheme.Hmac hmac(String header, SignatureEncoding encoding, String prefix, String... secrets) {
        List<Secret> list = Stream.of(secrets).map(Secret::of).toList();
        return new Scheme.Hmac(list, header, HmacAlgorithm.SHA256, encoding, prefix);
    }
}
