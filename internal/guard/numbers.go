package guard

import "strings"

// A numeral is the value of a number word.
type numeral struct {
	value int
	times bool // vingt after quatre, yüz after dört: times the one before
}

// addNumbers fills in the words for numbers. Ambiguous ones (do, once, teen)
// are harmless: only long rows of such words are ever read as numbers.
func (l *lexicon) addNumbers() {
	add := func(from, step int, words string) {
		for i, w := range strings.Fields(words) {
			for _, one := range strings.Split(w, "/") {
				l.numbers[plain(one)] = numeral{value: from + i*step}
			}
		}
	}
	add(0, 1, "zero/oh/o/nought/nil/zer0 one/won two three four/fore five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
	add(20, 10, "twenty thirty forty/fourty fifty sixty seventy eighty ninety")
	add(0, 1, "cero uno/un dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve")
	add(30, 10, "treinta cuarenta cincuenta sesenta setenta ochenta noventa")
	add(100, 100, "cien/ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos")
	add(0, 1, "zero um/uma dois/duas três quatro cinco seis/meia sete oito nove dez onze doze treze catorze/quatorze quinze dezesseis/dezasseis dezessete/dezassete dezoito dezenove/dezanove")
	add(20, 10, "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa")
	add(0, 1, "zéro un/une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf")
	add(20, 10, "vingt trente quarante cinquante soixante septante huitante nonante")
	add(0, 1, "null eins/ein/eine zwei/zwo drei vier fünf/fuenf sechs sieben acht neun zehn elf zwölf/zwoelf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn")
	add(20, 10, "zwanzig dreißig/dreissig vierzig fünfzig sechzig siebzig achtzig neunzig")
	add(0, 1, "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici diciassette diciotto diciannove")
	add(20, 10, "venti trenta quaranta cinquanta sessanta settanta ottanta novanta")
	add(0, 1, "ноль/нуль один/одна/раз два/две три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать")
	add(20, 10, "двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто")
	add(100, 100, "сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот")
	add(0, 1, "нуль один/одна два/дві три чотири п'ять/пять шість сім вісім дев'ять/девять десять одинадцять дванадцять тринадцять чотирнадцять п'ятнадцять шістнадцять сімнадцять вісімнадцять дев'ятнадцять")
	add(20, 10, "двадцять тридцять сорок п'ятдесят шістдесят сімдесят вісімдесят дев'яносто")
	add(0, 1, "zero jeden/raz dwa trzy cztery pięć sześć siedem osiem dziewięć dziesięć jedenaście dwanaście trzynaście czternaście piętnaście szesnaście siedemnaście osiemnaście dziewiętnaście")
	add(20, 10, "dwadzieścia trzydzieści czterdzieści pięćdziesiąt sześćdziesiąt siedemdziesiąt osiemdziesiąt dziewięćdziesiąt")
	add(0, 1, "shunya/sunya ek do teen/tin char/chaar paanch/panch/paach chhah/chhe/che/chah saat/sat aath/ath nau das")
	add(0, 1, "शून्य/जीरो एक दो तीन चार पांच/पाँच छह/छः/छे सात आठ नौ")
	add(0, 1, "صفر واحد/واحدة اثنين/اثنان/اتنين ثلاثة/تلاتة أربعة/اربعة خمسة ستة سبعة ثمانية/تمانية تسعة")
	add(0, 1, "零/〇 一/幺 二 三 四 五 六 七 八 九")
	add(0, 1, "sıfır bir iki üç dört beş altı yedi sekiz dokuz")
	add(0, 1, "nul een/één twee drie vier vijf zes zeven acht negen")
	add(0, 1, "nol satu dua tiga empat lima enam tujuh delapan sembilan")
	add(100, 100, "cento duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos novecentos")
	add(100, 100, "cento duecento trecento quattrocento cinquecento seicento settecento ottocento novecento")
	add(100, 100, "сто двісті триста чотириста п'ятсот шістсот сімсот вісімсот дев'ятсот")
	add(100, 100, "sto dwieście trzysta czterysta pięćset sześćset siedemset osiemset dziewięćset")
	add(10, 10, "on yirmi otuz kırk elli altmış yetmiş seksen doksan")
	add(10, 1, "tien elf twaalf dertien veertien vijftien zestien zeventien achttien negentien")
	add(20, 10, "twintig dertig veertig vijftig zestig zeventig tachtig negentig")
	l.compounds()
	l.numbers["vingts"] = numeral{20, true}
	for value, words := range map[int]string{10: "puluh", 100: "hundred cents hundert honderd ratus yüz"} {
		for _, w := range strings.Fields(words) {
			l.numbers[plain(w)] = numeral{value, true}
		}
	}
	for n, words := range map[int]string{
		2: "double doble dobles duplo doppel doppelt doppio двойной подвійний podwójne podwojny dubbel", 3: "triple triplo tripple dreifach тройной potrójne treble",
	} {
		for _, w := range strings.Fields(words) {
			l.repeat[plain(w)] = n
		}
	}
}

// compounds adds what German and Italian write as one word: zweiundvierzig,
// quarantadue.
func (l *lexicon) compounds() {
	german := strings.Fields("ein zwei drei vier fünf sechs sieben acht neun")
	for i, ten := range strings.Fields("zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig") {
		for j, unit := range german {
			l.numbers[plain(unit+"und"+ten)] = numeral{value: 20 + 10*i + j + 1}
		}
	}
	italian := strings.Fields("uno due tre quattro cinque sei sette otto nove")
	for i, ten := range strings.Fields("venti trenta quaranta cinquanta sessanta settanta ottanta novanta") {
		for j, unit := range italian {
			stem := ten
			if j == 0 || j == 7 {
				stem = ten[:len(ten)-1]
			}
			l.numbers[stem+unit] = numeral{value: 20 + 10*i + j + 1}
		}
	}
}
