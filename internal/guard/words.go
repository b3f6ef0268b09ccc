package guard

// The words the rules read, in the languages freelancers write most. A star
// at the end stands for any ending; at least four letters come before it.
// Marks and capitals do not matter: both sides are normalised.
var cueWords = map[cue]string{
	cuePhone: `phone phones tel telephone mobile cell cellphone fijo cel celu contactno whatsapp watsapp whatsap whatsup wsp wpp wp zap wa viber zalo imo sms text txt call calling ring dial num
		number numbers landline phn mob fone telefone celular telemovel movil telefono numero llama llamame llamarme llamar marca marcame liga ligar ligue chama zapzap
		telephone portable appelle appelez numéro joindre tél handy rufen ruf anrufen telefon telefonnummer handynummer nummer mobil cellulare chiamami chiama chiamare
		телефон* тел номер* звон* позвон* вотсап* ватсап* вайбер* мобил* набер* телефону* дзвон* зателефон* запишите numer nr komórka komorka zadzwoń zadzwon dzwoń tel
		फोन नंबर कॉल व्हाट्सएप رقم رقمي هاتف هاتفي جوال جوالي موبايل واتساب واتس اتصل ara arayin telefonum numaram bel bellen telefoonnummer hubungi telp hp 电话 手机 微信 加 微 信 电 话 机 号 📞 ☎ 📱 📲 🤙`,
	cueMail: `email emails mail mails mailto inbox correo correos imel courriel adresse address id почт* пошт* имейл* мейл* мыло skrzynka maila mailem posta e-mail ईमेल بريد بريدي ايميل ايميلي 📧 ✉ 📩 📨 邮箱 邮`,
	cueReach: `erreichbar erreichst erreichen joignable contactable reachable raggiungibile raggiungimi localizable bereikbaar osiągalny dostępny доступен доступна доступний ulaşabilirsin 연락 연락주세요 reach contact contacts contacto contato contattami contact ping write writes message msg dm pm drop forward escribeme escribir escribe escríbeme mandame mándame buscame búscame
		manda mandar escreve escreva ecris ecrire écrire ecrivez schreib schreiben schreibt schreibe scrivi scrivimi scrivere пиши пишите напиши* связ* пишіть напишіть пиши pisz pisać
		napisz likho bhejo راسلني تواصل yaz schrijf hit find connect book apply fill details form`,
	cueMine: `me my mine i im mi mis yo soy meu minha mon ma moi je mein meine mich mir ich jestem sono mio mia mie я мой моя мое мои мне меня мій моя мене мені mój moja moje mnie mera meri mere mujhe main मेरा मेरी
		حسابي رقمي 我 我的 beni benim bana adresim saya em`,
	cueYours: `свой свою своё свое свои svoj jouw je uw kamu anda senin sizin your ur yours you vous você voce вас вам tu tus su sus seu sua teu tua votre ton ta vos dein deine deiner deinen ihre ihr ihren tuo tua suo sua ваш* вашу ваша вашо твой твоя твою твое ваш ваше ваші твій twój twoj twoja
		twojego swój swoj swojego twoje apna apni aapka aapki tumhara`,
	cueNot: `not no dont don't never cannot cant can't wont won't mustnt shouldnt without instead-of avoid против nunca jamas não nao ne pas jamais nicht kein keine nie non mai не ни нельзя нет запрещ* заборон*
		nie mat nahi nahin نا لا forbidden against stop refuse until before antes prima avant`,
	cueCount: `order orders ticket tickets invoice tracking case job jira pr issue commit build sku ean upc isbn issn iban vat tax account acct card ref reference serial model version release timestamp unix epoch
		port ports error code pin zip postal batch row expires created updated created_at updated_at bestellnummer rechnung commande facture pedido factura заказ счет zamówienie zamowienie ordine fattura
		charset listing stops vector password seed budget total cost price lat lng latitude longitude bbox geo coordinates population rgb rgba viewbox hash uuid sha trace request bitrate size sizes resolution checksum invoice_no id lottery ups fedex dhl steps scores benchmarks md5 viewport test heap limit memory offset ein ssn doi aadhaar gst abn pan siret siren cnpj cpf boleto nif nie cif rut curp rfc инн кпп огрн бик снилс єдрпоу nip regon pesel krs partita codice kundennummer matricula font height`,
	cueUnit: `usd eur gbp inr dollars euros euro rupees pesos рублей руб грн zł zl ms sec seconds minutes hours days weeks months years rows records users times requests requests/s downloads subscribers pages kb mb gb bytes
		px bps kbps ops items orders context tokens lines words characters digits percent people inr million thousand k partitions samples views per`,
	cueSite:    `site website web homepage portfolio page blog contact contacts visit hire url sito sitio página pagina webseite seite сайт* strona book form`,
	cueGive:    `donner envoyer darme dar darmi dare mandar passar geben schicken nennen verrätst podać wysłać geven sturen kirim kasih ver verir söyle отправ* надай дать send give share drop provide pass tell dame pasame pásame pasas enviame envíame mandame das dar passa manda envia donne donnez envoyez envoyer schicken schick geben gib dai dammi mandami скинь* пришл* дай дайте надішл* скажи* podaj daj wyślij need want do batao bhejo`,
	cueHave:    `have use got tienes tiene usas tem usa avez as utilisez hast haben nutzt nutzen hai usi avete есть macie masz`,
	cueMove:    `продолж* продовж* continuamos continuare weitermachen weiterschreiben verder lanjut devam continue talk move switch chat speak discuss go jump shift hablar hablamos seguir seguimos continuer parler passer weiter reden sprechen parliamo sentiamoci перейд* общаться пообщаемся falar conversar vamos porozmawiajmy przejdźmy baat`,
	cueName:    `아이디 は の is es est ist e é è это to hai id handle username user name nick nickname account acc me my mine contact как como como come as comme ник ніку логин ime saya isim par adresim under nickname number personal heiße heisse ich mnie меня мене c c'est cest search look profile s m jestem soy sou suis bin sono`,
	cuePrize:   `gift gifts voucher vouchers giftcard bonus cash kickback commission free tip reward regalo regalos gratis propina brinde vale presente cadeau cadeaux gutschein geschenk geschenkkarte buono regali подар* откат* бонус* podarunkow* prezent* rabat discount`,
	cueIf:      `if when once si se wenn falls если якщо jeśli jesli jezeli agar and for ,`,
	cueWin:     `nimmst nehmt nehmen prends prendre pegar kies kiest pilih seçersen hire choose pick award accept select win contrat* elige* elijas escog* contratar escolher choisis* embauch* engag* beauftrag* wähl* wahlen scegli* assumi* выбер* найм* возьм* обер* найме* wybier* wybior* zatrudni* recommend`,
	cueService: `discord* telegram* instagram* skype* whatsapp* телеграм* инстаграм* вотсап* ватсап* вайбер* дискорд* скайп*`,
	cueOn:      `per unter on in via over at through en no na por pelo sur auf su bei über в во на у через w po par to`,
	cueTech: `bot bots api token key url client app sdk webhook config message messages hook secret login auth oauth js ts py web channel channels group server servers integration alerts notifications test tests themes stickers feed
		button share cards icon business invoice template plugin widget clone module library service services user_id number size type field column broadcasts ads campaign campaigns marketing manager theme developer tools moderation payments`,
	cueEdge:  `pra para por pour si um zu für wenn per se dla jeśli om als чтобы щоб если untuk için продолжим below address number id so please pls plz and or for to here account handle username instead then too also now first de di do telefono telefone téléphone telefonu телефона телефону schicken adresse nummer detail details no ? me thx thanks by in`,
	cueShell: `ssh scp rsync sftp git clone mosh`,
	cueWhat:  `what whats what's was which cual cuál qual quel quelle wie jaki jakie какой який kya ¿`,
	cueCommon: `a an the this that these those it we us they you he she i im my me mine our your his her their is are am was were be been being do does did has have had will would can could should may might must
		and or but so if then than as at by for from in into of off on onto out over to up with without about after before between under again there here when where why how all any both each few more most other some such
		no nor not only own same too very just now look looks looking looked work works worked working job good great bad better best meet met meeting available based live lives located arrive arrived stay speak talk talked call called found find
		staff team years year developer engineer lead manager intern point pointed aimed role position contract site page app portfolio online currently contact email mail reach write account login gateway error time people use using used via
		like need want get got go going went come came see saw say said make made take took give gave try let new old first last long big high small next early important able sure right left always never often yes ok okay thanks thank please hi hello
		soy eres es está trabajo estoy en el la los las un una de del y o que por para con sin sobre o os as um uma do da no na em com le les des du au aux et ou je tu il elle nous vous der die das den dem ein eine und oder ist sind war im am zu bei von mit für
		il lo gli un uno e di da con per tra не и в на с по из за у к от это как что мы вы они он она bot integration api project server channel group client application website web code test data login sign user users password server
		business marketing support customer customers product products service services company experience expert needed required optional works fine broken down notifications alerts broadcasts themes stickers moderation payments ads connect
		shutting template oauth developer tools feed bookings booking today sorry tomorrow yesterday monday tuesday wednesday thursday friday saturday sunday later soon instead only everything nothing something anything reply answer question questions
		mailboxes mailbox addons add-ons calendar inbox filters labels smtp imap workspace transactional newsletter client format campaign dot com net yes yeah noon night midnight home school office lunch dinner end start least once stop war rest scale runtime`,
}

const services = `카톡 카카오톡 텔레그램 인스타 인스타그램 ライン インスタ ディスコード テレグラム telegram telegramm tg telega телеграм телеграмм телеграме тг телега телегу телеге whatsapp watsapp whatsap вотсап ватсап вотсапп skype скайп скайпе discord дискорд дискорде wechat weixin 微信 微 信 wx line kakao kakaotalk viber вайбер signal
	instagram insta ig инстаграм инста facebook fb messenger фейсбук twitter snapchat snap tiktok vk вк вконтакте threema matrix icq keybase qq zalo zoom slack teams hangouts linkedin session wsp wpp zap imo تيليجرام تليجرام تلجرام واتساب سكايب انستغرام टेलीग्राम`

const vagueServices = `line signal session snap teams zoom slack matrix twitter facebook linkedin qq zap messenger`

const cutServices = `tele/gram whats/app insta/gram dis/cord face/book we/chat sky/pe hot/mail out/look g/mail gee/mail ya/hoo snap/chat proton/mail`

const mailers = `gmail googlemail yahoo ymail hotmail outlook live msn proton protonmail icloud gmx libero onet interia ukr rambler yandex aol zoho qq wanadoo uol terra rediff rediffmail tutanota
	fastmail seznam laposte orange sfr mailru tuta hey геймейл гмейл гмаил джимейл жмейл яндекс мейл рамблер bk inbox wp web mail`

const atWords = `アットマーク アット 골뱅이 arroba arobase arobas chiocciola chiocciolina klammeraffe apenstaartje собака собачка собачкой sobaka małpa malpa małpka zavinac zavináč kukac равлик равлика песик snabela शेट ऐट एट आत आर्ट`

const softAtWords = `et chez at ät ett ат эт ет آت a`

const dotWords = `titik ドット 점 dot d0t punto ponto point punkt punt точка тчк крапка tochka kropka नुक्ता डॉट दॉट نقطة دوت nokta piste punct`

var joinerWords = map[string]string{
	`dot punto ponto point punkt kropka точка крапка डॉट نقطة`: ".",
	`underscore underscor подчеркивание підкреслення`:          "_",
	`dash hyphen minus guion tiret bindestrich tire дефис`:     "-",
	`plus`: "+",
}

// fileEndings are what comes after the last dot in names of files and code.
const fileEndings = `png jpg jpeg gif svg webp avif ico css scss less js mjs cjs ts tsx jsx vue html htm xml json yaml yml toml ini cfg conf env md mdx txt csv tsv pdf doc docx xls xlsx ppt pptx zip gz tar bz2 xz rar 7z exe dll so dylib
	py rb rs go java kt swift c h cpp hpp cs php pl sh bash zsh bat ps1 sql db log lock map wasm apk ipa aab dmg deb rpm mp3 mp4 wav mov avi mkv webm ogg psd ai eps fig sketch local localhost internal test invalid example lan corp home`

const tlds = `com net org io co uk de fr es it pl ru ua in br mx ar me dev app ai tech biz info eu us ca au ch at nl be se no dk fi cz sk hu ro bg gr pt tr il ae sa eg ng ke za pk bd lk ph id vn th jp kr cn tw hk sg my nz ie xyz online site store
	shop pro email cloud agency studio design digital media solutions art page link live club space website world team works company group center services consulting software systems gg tv cc ly so to sh fm am by kz ge lt lv ee is lu cl pe ve uy ec bo cr hr rs si
	edu gov рф укр ком ру`

const plainTLDs = `com net org io dev app biz info eu agency studio design online site store shop xyz tech digital media solutions me uk de fr es ru ua br ca au nl ch pl se dk fi cz email pro art club space website page link`

var spokenTLDs = map[string]string{
	"c0m": "com", "kom": "com", "ком": "com", "ру": "ru", "нет": "net", "юа": "ua", "कॉम": "com", "كوم": "com", "0rg": "org", "n3t": "net", "cоm": "com", "орг": "org", "comm": "com", "con": "com",
}

// brands have a dot in their names and are spoken of.
const brands = `booking.com amazon.com salesforce.com monday.com trello.com hotels.com cars.com asp.net vb.net ado.net ml.net paint.net dot.net system.net java.net socket.io node.io draw.io java.io system.io crates.io github.io material.io
	next.js node.js vue.js web.dev go.dev cal.dev upwork.com fiverr.com freelancer.com google.com microsoft.com apple.com stripe.com shopify.com paypal.com wordpress.com wordpress.org openai.com facebook.com youtube.com netflix.com ebay.com alibaba.com
	gmail.com outlook.com yahoo.com hotmail.com google.net core.net match.com archive.org schema.org json.org mozilla.org`
