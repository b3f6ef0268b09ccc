package guard

// A host is what a well-known host is for.
type host uint8

const (
	unknownHost host = iota
	safeHost         // documentation, code, designs: the work itself
	chatHost         // opens a conversation
	diaryHost        // books a time
	formHost         // asks for details
	peopleHost       // has a page for each person
	meetHost         // opens a meeting
	applyHost        // takes applications
	shortHost        // hides where it leads
)

// hostNames lists hosts by what they are for. A name holds for what is below
// it too, except among people's pages, where developers. is another matter.
var hostNames = map[host]string{
	chatHost: `t.me telegram.me telegram.dog wa.me api.whatsapp.com chat.whatsapp.com wa.link m.me signal.me signal.group discord.gg join.skype.com line.me lin.ee zalo.me u.wechat.com open.kakao.com chats.viber.com
		join.slack.com vk.me ig.me matrix.to snapchat.com keybase.io icq.im threema.id`,
	diaryHost:  `calendly.com cal.com savvycal.com tidycal.com koalendar.com zcal.co youcanbook.me acuityscheduling.com doodle.com calendar.app.google meetings.hubspot.com appoint.ly`,
	formHost:   `forms.gle typeform.com jotform.com tally.so airtable.com wufoo.com cognitoforms.com surveymonkey.com forms.office.com paperform.co formstack.com`,
	peopleHost: `linkedin.com facebook.com fb.com fb.me instagram.com twitter.com x.com vk.com tiktok.com ok.ru xing.com linktr.ee bio.link about.me beacons.ai carrd.co lnk.bio threads.net fb.watch taplink.cc`,
	meetHost:   `zoom.us zoomgov.com meet.google.com teams.microsoft.com teams.live.com whereby.com meet.jit.si webex.com gotomeet.me`,
	applyHost:  `greenhouse.io lever.co workable.com ashbyhq.com smartrecruiters.com bamboohr.com breezy.hr recruitee.com teamtailor.com myworkdayjobs.com`,
	shortHost:  `bit.ly tinyurl.com t.ly rb.gy is.gd cutt.ly shorturl.at goo.gl ow.ly rebrand.ly t.co buff.ly clck.ru s.id`,
	safeHost: `github.com gitlab.com bitbucket.org gist.github.com raw.githubusercontent.com github.io stackoverflow.com stackexchange.com npmjs.com pypi.org crates.io docs.rs pkg.go.dev go.dev golang.org developer.mozilla.org mozilla.org w3.org ietf.org
		rfc-editor.org wikipedia.org youtube.com youtu.be vimeo.com figma.com behance.net dribbble.com codepen.io codesandbox.io jsfiddle.net stackblitz.com replit.com dropbox.com drive.google.com docs.google.com maps.google.com google.com
		developers.google.com cloud.google.com aws.amazon.com amazonaws.com docs.microsoft.com learn.microsoft.com microsoft.com azure.com react.dev nodejs.org python.org php.net java.com oracle.com docker.com docker.io vitejs.dev hub.docker.com ghcr.io gcr.io quay.io kubernetes.io
		registry.npmjs.org unpkg.com jsdelivr.net cdnjs.cloudflare.com cloudflare.com stripe.com api.stripe.com paypal.com shopify.com openai.com anthropic.com huggingface.co kaggle.com medium.com dev.to notion.so trello.com atlassian.net atlassian.com jira.com
		miro.com loom.com upwork.com fiverr.com apple.com developer.apple.com play.google.com android.com schema.org json.org json-schema.org unicode.org whatwg.org caniuse.com tailwindcss.com getbootstrap.com vuejs.org angular.io angular.dev
		nextjs.org svelte.dev rust-lang.org pytorch.org tensorflow.org postgresql.org mysql.com mongodb.com mongodb.net redis.io nginx.org wordpress.org wordpress.com amazon.com ebay.com netflix.com unsplash.com pexels.com fonts.google.com googleapis.com gstatic.com
		sentry.io vercel.app netlify.app herokuapp.com firebaseapp.com web.app pages.dev swagger.io postman.com openapis.org x.org debian.org ubuntu.com archlinux.org kernel.org apache.org spring.io laravel.com djangoproject.com rubyonrails.org`,
}
