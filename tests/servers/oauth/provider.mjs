// SPDX-License-Identifier: GPL-3.0-or-later
// The authorization server of the OAuth2 tests: npm's oidc-provider, certified for OpenID
// Connect, with clients, users and a consent page that a script can fill in.
//
// usage: node provider.mjs MODULES DIRECTORY TLS-PORT PLAIN-PORT CERTIFICATE
//
// MODULES is the folder with node_modules, DIRECTORY gets "log" and "ready"; "metadata" there,
// if a test writes it, is an object whose members replace those of the metadata. TLS-PORT is the
// server as clients see it, with CERTIFICATE (key and chain in one file). PLAIN-PORT is the
// same server without TLS, for the introspection of Dovecot and Exim and for fault_proxy.py, whose
// X-Forwarded-Proto it believes. Both are on loopback.
//
// Log: a line of JSON for each request: path, status, client, grant, the names of the
// parameters, how the client authenticated, and the error of the answer. No token, no code.
//
// Consent: GET /interaction/ID shows a form; POST with user=NAME and allow=yes, no or partly
// (the box of the scope "mail" left empty) goes on.

import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { pathToFileURL } from 'node:url';

const [modules, directory, tlsPort, plainPort, certificate] = process.argv.slice(2);
const { default: Provider } = await import(pathToFileURL(`${modules}/node_modules/oidc-provider/lib/index.js`));

const LOOPBACK = ['http://127.0.0.1/', 'http://localhost/', 'http://[::1]/'];
const SECRET = 'Canary+secret/7c=&1';
const CODE = {
	grant_types: ['authorization_code', 'refresh_token'],
	response_types: ['code'], redirect_uris: LOOPBACK,
};
const DEVICE = {
	grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
	response_types: [], redirect_uris: [],
};
const BOTH = { ...CODE, grant_types: [...CODE.grant_types, ...DEVICE.grant_types.slice(0, 1)] };
const PUBLIC = { application_type: 'native', token_endpoint_auth_method: 'none' };

// SHORT is the life of an access token in seconds, ROTATE whether each refresh gives a new
// refresh token, REFRESH whether there is one at all.
const clients = [
	{ client_id: 'public', ...PUBLIC, ...BOTH },
	{ client_id: 'short', ...PUBLIC, ...BOTH, short: 3 },
	{ client_id: 'fixed', ...PUBLIC, ...BOTH, rotate: false },
	{ client_id: 'fixed-short', ...PUBLIC, ...BOTH, rotate: false, short: 3 },
	{ client_id: 'once', ...PUBLIC, ...BOTH, refresh: false },
	{ client_id: 'hasty', ...PUBLIC, ...DEVICE, hurry: 2 },
	{ client_id: 'post', ...BOTH, application_type: 'native', client_secret: SECRET,
		token_endpoint_auth_method: 'client_secret_post' },
	{ client_id: 'basic:+/ id', ...BOTH, application_type: 'native', client_secret: SECRET,
		token_endpoint_auth_method: 'client_secret_basic' },
	{ client_id: 'service', grant_types: ['client_credentials'], response_types: [], redirect_uris: [],
		client_secret: SECRET, token_endpoint_auth_method: 'client_secret_post', scope: 'mail' },
	...['dovecot', 'exim'].map((name) => ({
		client_id: name, grant_types: [], response_types: [], redirect_uris: [], client_secret: `${name}-asks`,
		token_endpoint_auth_method: 'client_secret_basic',
	})),
];
const traits = (client) => clients.find((known) => known.client_id === client.clientId) ?? {};

const provider = new Provider(`https://localhost:${tlsPort}`, {
	clients: clients.map(({ short, rotate, refresh, hurry, ...metadata }) => metadata),
	scopes: ['offline_access', 'mail', 'calendar'],
	claims: {},
	clientBasedCORS: () => false,
	features: {
		devInteractions: { enabled: false },
		clientCredentials: { enabled: true },
		deviceFlow: { enabled: true },
		introspection: { enabled: true },
		revocation: { enabled: true },
		rpInitiatedLogout: { enabled: false },
		userinfo: { enabled: false },
	},
	cookies: { keys: ['only for tests'] },
	pkce: { methods: ['S256'], required: (ctx, client) => client.clientAuthMethod === 'none' },
	findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
	interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
	issueRefreshToken: async (ctx, client) =>
		client.grantTypeAllowed('refresh_token') && traits(client).refresh !== false,
	rotateRefreshToken: (ctx) => traits(ctx.oidc.client).rotate !== false,
	ttl: {
		AccessToken: (ctx, token, client) => traits(client).short ?? 3600,
		ClientCredentials: 3600,
		DeviceCode: (ctx, token, client) => traits(client).hurry ?? 600,
		AuthorizationCode: 60,
		Grant: 86400,
		Interaction: 3600,
		RefreshToken: 86400,
		Session: 86400,
		IdToken: 3600,
	},
});
provider.proxy = true;

// ---- the log, and the name that Dovecot looks for ------------------------------------

function note(ctx) {
	const { oidc } = ctx;
	const body = oidc?.body ?? {};
	const fields = Object.keys(body).filter((name) => body[name] !== undefined).sort();
	appendFileSync(`${directory}/log`, `${JSON.stringify({
		method: ctx.method,
		path: ctx.path,
		status: ctx.status,
		client: oidc?.client?.clientId ?? body.client_id ?? ctx.query.client_id,
		grant: body.grant_type,
		scope: body.scope ?? ctx.query.scope,
		fields,
		query: Object.keys(ctx.query).sort(),
		auth: ctx.get('authorization') ? 'basic' : ('client_secret' in body && 'post') || 'none',
		error: ctx.body?.error,
		description: ctx.body?.error_description,
	})}\n`);
}

// What a test wants in the metadata instead.
function changes() {
	return existsSync(`${directory}/metadata`) ? JSON.parse(readFileSync(`${directory}/metadata`)) : {};
}

provider.use(async (ctx, next) => {
	try {
		// RFC 8414's name of the same document.
		if (ctx.path === '/.well-known/oauth-authorization-server') ctx.path = '/.well-known/openid-configuration';
		await next();
		if (ctx.path === '/.well-known/openid-configuration') Object.assign(ctx.body, changes());
		if (ctx.path === '/token/introspection' && ctx.body?.active) {
			ctx.body.username = ctx.body.sub ?? 'tester';
		}
	} finally {
		note(ctx);
	}
});

// ---- the consent page -----------------------------------------------------------------

async function text(request) {
	const parts = [];
	for await (const part of request) parts.push(part);
	return Buffer.concat(parts).toString();
}

async function grantOf(params, user, allowed) {
	const grant = new provider.Grant({ accountId: user, clientId: params.client_id });
	const asked = (params.scope ?? '').split(' ').filter(Boolean);
	grant.addOIDCScope(asked.filter((scope) => allowed(scope)).join(' '));
	grant.rejectOIDCScope(asked.filter((scope) => !allowed(scope)).join(' '));
	return grant.save();
}

async function decide(ctx) {
	const { params } = await provider.interactionDetails(ctx.req, ctx.res);
	const form = new URLSearchParams(await text(ctx.req));
	const user = form.get('user');
	let result = { error: 'access_denied', error_description: 'the user refused' };
	if (form.get('allow') !== 'no') {
		const allowed = (scope) => scope !== 'mail' || form.get('allow') !== 'partly';
		result = { login: { accountId: user }, consent: { grantId: await grantOf(params, user, allowed) } };
	}
	await provider.interactionFinished(ctx.req, ctx.res, result);
	ctx.respond = false;
}

provider.use(async (ctx, next) => {
	if (!ctx.path.startsWith('/interaction/')) {
		await next();
	} else if (ctx.method === 'POST') {
		await decide(ctx);
	} else {
		ctx.type = 'html';
		ctx.body = '<form method="post"><input name="user"><input name="allow"><button>Go on</button></form>';
	}
});

// ---- both ports -----------------------------------------------------------------------

const handle = provider.callback();
const pem = readFileSync(certificate);
https.createServer({ key: pem, cert: pem }, handle).listen(Number(tlsPort), '127.0.0.1', () => {
	http.createServer(handle).listen(Number(plainPort), '127.0.0.1', () => {
		writeFileSync(`${directory}/ready.tmp`, 'yes\n');
		renameSync(`${directory}/ready.tmp`, `${directory}/ready`);
	});
});
